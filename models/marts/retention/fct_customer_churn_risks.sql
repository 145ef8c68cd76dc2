-- Grain: one row per customer who exists at the as-of date, at risk or not.

with

customers as (

    select * from {{ ref('int_customers') }}

),

risks as (

    select * from {{ ref('int_customer_risks') }}

),

declines as (

    select * from {{ ref('int_customer_login_declines') }}

    where snapshot_date = {{ as_of_date() }}

),

final as (

    select
        customers.customer_id,
        risks.rule_id,
        risks.churn_probability,
        risks.support_count,
        risks.churn_probability_low,
        risks.churn_probability_high,
        declines.first_week_login_count,
        declines.second_week_login_count,
        declines.third_week_login_count,
        1 - {{ ratio(
            'declines.second_week_login_count', 'declines.first_week_login_count'
        ) }} as first_drop_rate,
        1 - {{ ratio(
            'declines.third_week_login_count', 'declines.second_week_login_count'
        ) }} as second_drop_rate,
        1 - {{ ratio(
            'declines.third_week_login_count', 'declines.first_week_login_count'
        ) }} as total_drop_rate,
        {{ ratio(
            '(declines.third_week_login_count - declines.first_week_login_count)', 2
        ) }} as login_count_slope,
        declines.is_activity_declining,
        risks.rule_id is not null as is_at_risk

    from customers
    left join risks on customers.customer_key = risks.customer_key
    left join declines on customers.customer_key = declines.customer_key

)

select * from final
