-- Grain: one row per date and customer channel on which customers enter or leave the
-- buyers, or the repeat buyers, of the repurchase window.

{%- set window_days = var('repurchase_window_days') %}

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

orders_with_neighbours as (

    -- On a date the last two orders decide: if the last one is in the window there is a
    -- buyer, if the one before is too, a repeat buyer. So each order speaks until the
    -- next one. Orders can share a second; their numbers cannot.
    select
        customers.channel as customer_channel,
        orders.order_date,
        lag(orders.order_date) over customer_history as previous_order_date,
        lead(orders.order_date) over customer_history as next_order_date

    from orders
    inner join customers on orders.customer_id = customers.customer_id

    window
        customer_history as (
            partition by orders.customer_id
            order by orders.valid_order_number
        )

),

spans as (

    select
        customer_channel,
        order_date,
        case
            when next_order_date < {{ add_days('order_date', window_days) }}
                then next_order_date
            else {{ add_days('order_date', window_days) }}
        end as buyer_until,

        -- A previous order already out of the window leaves a date in the past, or the
        -- order's own: an empty span.
        case
            when next_order_date < {{ add_days('previous_order_date', window_days) }}
                then next_order_date
            else {{ add_days('previous_order_date', window_days) }}
        end as repeat_buyer_until

    from orders_with_neighbours

),

steps as (

    select
        customer_channel,
        order_date as date_day,
        1 as buyer_step,
        case when repeat_buyer_until > order_date then 1 else 0 end
            as repeat_buyer_step

    from spans

    union all

    select
        customer_channel,
        buyer_until as date_day,
        -1 as buyer_step,
        0 as repeat_buyer_step

    from spans

    union all

    select
        customer_channel,
        repeat_buyer_until as date_day,
        0 as buyer_step,
        -1 as repeat_buyer_step

    from spans

    where repeat_buyer_until > order_date

),

final as (

    select
        customer_channel,
        date_day,
        sum(buyer_step) as buyer_step,
        sum(repeat_buyer_step) as repeat_buyer_step

    from steps

    group by 1, 2

)

select * from final
