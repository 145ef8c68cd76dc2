-- Grain: one row per valid order and date on which its net changes.
-- The net of an order at a past date D is the sum of its rows up to D: a refund lowers
-- it from its own date on and never before. So is its margin.

with

orders as {{ inlined() }} (

    select
        *,
        gross_amount - discount_amount as charged_amount,
        {{ order_margin(
            'gross_amount - discount_amount',
            'gross_amount - discount_amount',
            'known_cost_amount'
        ) }} as charged_margin_amount

    from {{ ref('int_orders_valued') }}

    where is_valid

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
        charged_amount as amount,
        charged_margin_amount as margin_amount,
        0 as refund_count

    from orders

    union all

    -- Margin is linear in net: whatever came back before, the same refund takes away
    -- the same margin.
    select
        orders.order_id,
        orders.customer_id,
        orders.order_date,
        refunds.refund_date as change_date,
        -refunds.amount as amount,
        {{ order_margin(
            '(orders.charged_amount - refunds.amount)',
            'orders.charged_amount',
            'orders.known_cost_amount'
        ) }} - orders.charged_margin_amount as margin_amount,
        1 as refund_count

    from refunds
    inner join orders on refunds.order_id = orders.order_id

),

final as (

    select
        order_id,
        customer_id,
        order_date,
        change_date,
        cast(sum(amount) as decimal(18, 2)) as net_change_amount,
        {{ sum_of_doubles('margin_amount') }} as margin_change_amount,
        cast(sum(refund_count) as bigint) as refund_count

    from changes

    group by 1, 2, 3, 4

)

select * from final
