-- The months of the customers and their lifetimes must hold every valid order once.

with

orders as (

    select
        count(*) as order_count,
        coalesce(sum(net_amount), 0) as net_amount

    from {{ ref('fct_orders') }}

    where is_valid

),

totals as (

    select
        'months' as report,
        coalesce(sum(order_count), 0) as order_count,
        coalesce(sum(net_amount), 0) as net_amount

    from {{ ref('fct_customer_months') }}

    union all

    select
        'lifetimes' as report,
        coalesce(sum(valid_order_count), 0) as order_count,
        coalesce(sum(historic_net_amount), 0) as net_amount

    from {{ ref('fct_customer_lifetime_values') }}

)

select totals.*

from totals
cross join orders

where
    totals.order_count <> orders.order_count
    or totals.net_amount <> orders.net_amount
