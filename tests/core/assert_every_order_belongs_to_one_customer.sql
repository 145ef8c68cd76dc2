-- An accepted order without a customer, or with two, would be missing from, or doubled
-- in, every figure by customer.

with

orders as (

    select
        order_id,
        customer_id

    from {{ ref('stg_shop__orders') }}

    where order_date <= {{ as_of_date() }}

),

customers as (

    select customer_id

    from {{ ref('dim_customers') }}

)

select
    orders.order_id,
    count(customers.customer_id) as customer_count

from orders
left join customers on orders.customer_id = customers.customer_id

group by 1

having count(customers.customer_id) <> 1
