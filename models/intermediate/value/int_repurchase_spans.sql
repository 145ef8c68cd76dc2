-- Grain: one row per valid order.
-- Until when, that date excluded, the order makes its customer a buyer, and a repeat
-- buyer, of the repurchase window.

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
        orders.order_id,
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

final as (

    select
        order_id,
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

)

select * from final
