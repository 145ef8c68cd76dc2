-- Grain: one row per channel (and all) with anybody in scope: buyers of the last 365
-- days, and registered customers who have never ordered.

with

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

last_orders as (

    select
        customer_id,
        max(order_date) as last_order_date

    from {{ ref('fct_orders') }}

    where is_valid

    group by 1

),

final as (

    select
        channel_rollup.channel,
        count(*) as customer_scope_count

    from customers
    inner join channel_rollup on customers.channel = channel_rollup.customer_channel
    left join last_orders on customers.customer_id = last_orders.customer_id

    where
        {{ in_window('last_orders.last_order_date', as_of_date(), 365) }}
        or (
            last_orders.last_order_date is null
            and customers.registration_date is not null
        )

    group by 1

)

select * from final
