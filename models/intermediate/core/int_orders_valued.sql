-- Grain: one row per accepted order dated up to the as-of date, with its money then.

with

orders as (

    select * from {{ ref('stg_shop__orders') }}

    where order_date <= {{ as_of_date() }}

),

refunds as (

    select
        order_id,
        sum(amount) as refund_amount

    from {{ ref('stg_shop__refunds') }}

    where refund_date <= {{ as_of_date() }}

    group by 1

),

item_costs as (

    select
        order_id,
        sum(quantity * unit_cost) as cost_amount

    from {{ ref('stg_shop__order_items') }}

    group by 1

    -- Half of the costs would be worse than none: all items or the order's own cost.
    having count(*) = count(unit_cost)

),

with_money as (

    select
        orders.*,
        cast(coalesce(refunds.refund_amount, 0) as decimal(18, 2)) as refund_amount,
        cast(
            orders.gross_amount
            - orders.discount_amount
            - coalesce(refunds.refund_amount, 0)
            as decimal(18, 2)
        ) as net_amount,
        cast(
            coalesce(item_costs.cost_amount, orders.cost_amount) as decimal(18, 2)
        ) as known_cost_amount

    from orders
    left join refunds on orders.order_id = refunds.order_id
    left join item_costs on orders.order_id = item_costs.order_id

),

final as (

    select
        *,
        {{ order_margin(
            'net_amount', 'gross_amount - discount_amount', 'known_cost_amount'
        ) }} as margin_amount

    from with_money

)

select * from final
