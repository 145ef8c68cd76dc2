-- Grain: one row per calendar month of history; months without an invitation included.
-- Customers who invite in two months count in both: only accepted_count adds up.

with

months as (

    select distinct
        month_start_date,
        is_complete_month as is_complete

    from {{ ref('dim_dates') }}

),

referrals as (

    select * from {{ ref('fct_referrals') }}

    where is_accepted

),

-- An invitation makes its sender one of the base, active or not: no rate passes 1.
invitations as (

    select
        month_start_date,
        sum(case when has_invited then 1 else 0 end) as inviting_customer_count,
        count(*) as active_or_inviting_count

    from {{ ref('int_customer_invite_months') }}

    group by 1

),

acceptances as (

    select
        {{ month_start('accepted_date') }} as month_start_date,
        count(*) as accepted_count

    from referrals

    group by 1

),

rewards as (

    select
        month_start_date,
        sum(cost_amount) as reward_amount

    from {{ ref('int_operating_cost_months') }}

    where cost_type = 'referral_reward'

    group by 1

),

registrations as (

    select
        {{ month_start('customers.registration_date') }} as month_start_date,
        count(*) as registered_count,
        count(referrals.referee_customer_id) as referred_count

    from {{ ref('int_customers') }} as customers
    left join referrals on customers.customer_id = referrals.referee_customer_id

    where customers.registration_date is not null

    group by 1

),

joined as (

    select
        months.month_start_date,
        months.is_complete,
        cast(coalesce(invitations.inviting_customer_count, 0) as bigint)
            as inviting_customer_count,
        invitations.active_or_inviting_count,
        cast(coalesce(acceptances.accepted_count, 0) as bigint) as accepted_count,
        coalesce(rewards.reward_amount, 0) as reward_amount,
        registrations.registered_count,
        registrations.referred_count,
        sum(registrations.registered_count) over (
            order by months.month_start_date
            rows between unbounded preceding and 1 preceding
        ) as registered_before_count

    from months
    left join invitations on months.month_start_date = invitations.month_start_date
    left join acceptances on months.month_start_date = acceptances.month_start_date
    left join rewards on months.month_start_date = rewards.month_start_date
    left join registrations
        on months.month_start_date = registrations.month_start_date

),

final as (

    select
        month_start_date,
        inviting_customer_count,
        {{ ratio('inviting_customer_count', 'active_or_inviting_count') }}
            as invite_rate,
        accepted_count,
        {{ ratio('reward_amount', 'accepted_count') }} as subsidy_per_acquired_amount,
        {{ ratio('accepted_count', 'registered_before_count') }} as fission_coefficient,
        {{ ratio('referred_count', 'registered_count') }} as referred_share,
        is_complete

    from joined

)

select * from final
