-- Grain: one row per registered customer, with what the first k_window_days brought.

with

customers as (

    select
        customer_id,
        channel,
        registration_date

    from {{ ref('int_customers') }}

    where registration_date is not null

),

referrals as (

    select * from {{ ref('fct_referrals') }}

),

-- Nobody accepts before the invitation, so an acceptance inside the window belongs to
-- an invitation inside it.
invitations as (

    select
        customers.customer_id,
        {{ days_between('customers.registration_date', 'referrals.accepted_date') }}
            as accepted_after_days

    from customers
    inner join referrals
        on
            customers.customer_id = referrals.referrer_customer_id
            and {{ days_between(
                'customers.registration_date', 'referrals.invited_date'
            ) }} between 0 and {{ var('k_window_days') }}

),

invitations_by_customer as (

    select
        customer_id,
        count(*) as invite_count,
        sum(
            case
                when accepted_after_days <= {{ var('k_window_days') }} then 1
                else 0
            end
        ) as accepted_count,
        sum(
            case
                when accepted_after_days <= {{ var('k_window_days') }}
                    then accepted_after_days
                else 0
            end
        ) as accepted_after_days

    from invitations

    group by 1

),

final as (

    select
        customers.customer_id,
        customers.channel,
        {{ month_start('customers.registration_date') }} as cohort_month,
        cast(coalesce(invitations_by_customer.invite_count, 0) as bigint)
            as invite_count,
        cast(coalesce(invitations_by_customer.accepted_count, 0) as bigint)
            as accepted_count,
        cast(coalesce(invitations_by_customer.accepted_after_days, 0) as bigint)
            as accepted_after_days

    from customers
    left join invitations_by_customer
        on customers.customer_id = invitations_by_customer.customer_id

)

select * from final
