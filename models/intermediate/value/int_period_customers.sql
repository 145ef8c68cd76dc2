-- Grain: one row per period grain, period and channel (and all) with anybody active.
-- Not additive over periods: a customer counts once in each.

with

customers as (

    select * from {{ ref('int_customers') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

customer_weeks_and_months as (

    select * from {{ ref('int_customer_periods') }}

    where is_active or has_order

),

customer_periods as (

    select
        customer_key,
        'day' as period_grain,
        activity_date as period_start_date,
        valid_order_count > 0 as has_order

    from {{ ref('int_customer_days') }}

    -- Where orders are no activity, a buyer is active all the same.
    where is_activity_day or valid_order_count > 0

    union all

    select
        customer_key,
        period_grain,
        period_start_date,
        has_order

    from customer_weeks_and_months

    union all

    select
        customer_key,
        'quarter' as period_grain,
        {{ quarter_start('period_start_date') }} as period_start_date,
        bool_or(has_order) as has_order

    from customer_weeks_and_months

    where period_grain = 'month'

    group by 1, 2, 3

),

counted as (

    select
        customer_periods.period_grain,
        customer_periods.period_start_date,
        customers.channel as customer_channel,
        count(*) as active_customer_count,
        sum(case when customer_periods.has_order then 1 else 0 end) as buyer_count

    from customer_periods
    inner join customers on customer_periods.customer_key = customers.customer_key

    group by 1, 2, 3

),

final as (

    select
        counted.period_grain,
        counted.period_start_date,
        channel_rollup.channel,
        cast(sum(counted.active_customer_count) as bigint) as active_customer_count,
        cast(sum(counted.buyer_count) as bigint) as buyer_count

    from counted
    inner join channel_rollup
        on counted.customer_channel = channel_rollup.customer_channel

    group by 1, 2, 3

)

select * from final
