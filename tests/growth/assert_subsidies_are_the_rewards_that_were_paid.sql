-- The subsidy of a month times its friends is what was paid to win them; what was paid
-- in a month without friends is in no subsidy.

with

rewards as (

    select
        {{ month_start('cost_date') }} as month_start_date,
        sum(amount) as reward_amount

    from {{ ref('stg_shop__operating_costs') }}

    where cost_type = 'referral_reward'

    group by 1

)

select
    months.month_start_date,
    months.accepted_count,
    months.subsidy_per_acquired_amount,
    rewards.reward_amount

from {{ ref('rpt_referral_periods') }} as months
left join rewards on months.month_start_date = rewards.month_start_date

where
    (months.subsidy_per_acquired_amount is null) <> (months.accepted_count = 0)
    or abs(
        months.subsidy_per_acquired_amount * months.accepted_count
        - coalesce(rewards.reward_amount, 0)
    ) > 0.005
