-- Grain: one row per period grain, period and channel (and all), empty ones included.
-- Orders and money add up over the periods of one grain; people and rates never do.

with

periods as (

    select * from {{ ref('int_periods') }}

),

commerce as (

    select * from {{ ref('int_commerce_periods') }}

),

people as (

    select * from {{ ref('int_period_customers') }}

),

repurchase_days as (

    select * from {{ ref('int_repurchase_days') }}

),

counted as (

    -- The state on the last date gives every period and channel a row.
    select
        periods.period_grain,
        periods.period_start_date,
        repurchase_days.channel,
        cast(coalesce(commerce.order_count, 0) as bigint) as order_count,
        cast(coalesce(people.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(people.active_customer_count, 0) as bigint)
            as active_customer_count,
        cast(coalesce(commerce.gmv_amount, 0) as decimal(18, 2)) as gmv_amount,
        cast(coalesce(commerce.net_amount, 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(commerce.cash_net_amount, 0) as decimal(18, 2))
            as cash_net_amount,
        cast(coalesce(commerce.cancelled_order_count, 0) as bigint)
            as cancelled_order_count,
        cast(coalesce(commerce.unit_count, 0) as bigint) as unit_count,
        commerce.repeat_order_count,
        commerce.discount_amount,
        commerce.refund_amount,
        repurchase_days.window_buyer_count,
        repurchase_days.window_repeat_buyer_count,
        periods.is_complete

    from periods
    inner join repurchase_days on periods.last_date = repurchase_days.date_day
    left join commerce
        on
            periods.period_grain = commerce.period_grain
            and periods.period_start_date = commerce.period_start_date
            and repurchase_days.channel = commerce.channel
    left join people
        on
            periods.period_grain = people.period_grain
            and periods.period_start_date = people.period_start_date
            and repurchase_days.channel = people.channel

),

final as (

    select
        period_grain,
        period_start_date,
        channel,
        order_count,
        buyer_count,
        active_customer_count,
        gmv_amount,
        net_amount,
        cash_net_amount,
        {{ ratio('net_amount', 'order_count') }} as average_order_amount,
        {{ ratio('net_amount', 'buyer_count') }} as spend_per_buyer_amount,
        {{ ratio('net_amount', 'active_customer_count') }} as arpu_amount,
        {{ ratio('net_amount', 'buyer_count') }} as arppu_amount,
        {{ ratio('buyer_count', 'active_customer_count') }} as paying_rate,
        {{ ratio('window_repeat_buyer_count', 'window_buyer_count') }}
            as repurchase_rate,
        {{ ratio('repeat_order_count', 'order_count') }} as repeat_order_share,
        cancelled_order_count,
        {{ ratio('refund_amount', '(gmv_amount - discount_amount)') }} as refund_rate,
        {{ ratio('discount_amount', 'gmv_amount') }} as discount_rate,
        unit_count,
        is_complete

    from counted

)

select * from final
