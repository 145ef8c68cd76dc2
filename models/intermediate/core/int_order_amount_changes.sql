-- Grain: one row per valid order and date on which its net changes.
-- The net of an order at a past date D is the sum of its rows up to D: a refund lowers
-- it from its own date on and never before.

with

orders as (

    select * from {{ ref('stg_shop__orders') }}

    where is_valid and order_date <= {{ as_of_date() }}

),

refunds as (

    select * from {{ ref('stg_shop__refunds') }}

    where refund_date <= {{ as_of_date() }}

),

changes as (

    select
        order_id,
        customer_id,
        order_date,
        order_date as change_date,
        gross_amount - discount_amount as amount

    from orders

    union all

    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        refunds.refund_date as change_date,
        -refunds.amount as amount

    from refunds
    inner join orders on refunds.order_id = orders.order_id

),

final as (

    select
        order_id,
        customer_id,
        order_date,
        change_date,
        cast(sum(amount) as decimal(18, 2)) as net_change_amount

    from changes

    group by 1, 2, 3, 4

)

select * from final
