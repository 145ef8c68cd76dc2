-- Grain: one row per risk rule, matched by anybody or not.
-- Members are counted once per observation date; no column adds up over rules.

with

statistics as (

    select * from {{ ref('int_risk_rule_statistics') }}

),

-- A shop without customers has no rules either.
customers as (

    select count(*) as customer_count from {{ ref('int_customers') }}

),

final as (

    select
        statistics.rule_id,
        statistics.condition,
        statistics.support_count,
        statistics.churned_count,
        statistics.churn_probability,
        statistics.churn_probability_low,
        statistics.churn_probability_high,
        statistics.base_rate,
        statistics.lift,
        statistics.support_count < {{ var('risk_min_support') }} as is_low_support,
        statistics.train_support_count,
        statistics.train_churn_probability,
        statistics.train_lift,
        statistics.test_observation_date,
        statistics.test_support_count,
        statistics.test_churn_probability,
        statistics.test_lift

    from statistics
    cross join customers

    where customers.customer_count > 0

)

select * from final
