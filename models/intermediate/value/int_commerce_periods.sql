-- Grain: one row per period grain, period and channel (and all) with an order or a
-- refund.

with

commerce_days as (

    select * from {{ ref('int_commerce_days') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

final as (

    select
        periods.period_grain,
        periods.period_start_date,
        channel_rollup.channel,
        sum(commerce_days.order_count) as order_count,
        sum(commerce_days.repeat_order_count) as repeat_order_count,
        sum(commerce_days.cancelled_order_count) as cancelled_order_count,
        sum(commerce_days.gmv_amount) as gmv_amount,
        sum(commerce_days.discount_amount) as discount_amount,
        sum(commerce_days.refund_amount) as refund_amount,
        sum(commerce_days.net_amount) as net_amount,
        sum(commerce_days.cash_net_amount) as cash_net_amount,
        sum(commerce_days.unit_count) as unit_count

    from commerce_days
    inner join periods
        on
            commerce_days.date_day
            between periods.period_start_date and periods.last_date
    inner join channel_rollup
        on commerce_days.customer_channel = channel_rollup.customer_channel

    group by 1, 2, 3

)

select * from final
