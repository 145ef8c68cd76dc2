-- Grain: one row per first-order month, months since and channel (and all) with an
-- order.

with

customers as (

    select * from {{ ref('int_customers') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

buyers as (

    select
        orders.customer_id,
        customers.channel as customer_channel,
        {{ month_start('orders.order_date') }} as cohort_month

    from orders
    inner join customers on orders.customer_id = customers.customer_id

    where orders.is_first_valid_order

),

margins as (

    select
        buyers.cohort_month,
        buyers.customer_channel,
        {{ months_between('buyers.cohort_month', 'orders.order_date') }}
            as month_offset,
        sum(case when orders.is_first_valid_order then 1 else 0 end) as customer_count,
        sum(cast(orders.margin_amount as decimal(38, 12))) as margin_amount

    from orders
    inner join buyers on orders.customer_id = buyers.customer_id

    group by 1, 2, 3

),

final as (

    select
        margins.cohort_month,
        margins.month_offset,
        channel_rollup.channel,
        sum(margins.customer_count) as customer_count,
        sum(margins.margin_amount) as margin_amount

    from margins
    inner join channel_rollup
        on margins.customer_channel = channel_rollup.customer_channel

    group by 1, 2, 3

)

select * from final
