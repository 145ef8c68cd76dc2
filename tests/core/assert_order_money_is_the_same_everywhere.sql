-- A join that repeats an order, or drops one, would change revenue in one table only,
-- and nobody could say which number is right.

with

staged as (

    select
        sum(orders.gross_amount - orders.discount_amount) as paid_amount,
        count(*) as order_count

    from {{ ref('stg_shop__orders') }} as orders

    where
        orders.is_valid
        and orders.order_date <= {{ as_of_date() }}

),

refunded as (

    select sum(refunds.amount) as refund_amount

    from {{ ref('stg_shop__refunds') }} as refunds
    inner join {{ ref('stg_shop__orders') }} as orders
        on refunds.order_id = orders.order_id

    where
        orders.is_valid
        and orders.order_date <= {{ as_of_date() }}
        and refunds.refund_date <= {{ as_of_date() }}

),

expected as (

    select
        coalesce(staged.paid_amount, 0) - coalesce(refunded.refund_amount, 0)
            as net_amount,
        staged.order_count

    from staged
    cross join refunded

),

found as (

    select
        'fct_orders' as table_name,
        sum(net_amount) as net_amount,
        count(*) as order_count

    from {{ ref('fct_orders') }}

    where is_valid

    union all

    select
        'fct_customer_days' as table_name,
        sum(net_amount) as net_amount,
        sum(valid_order_count) as order_count

    from {{ ref('fct_customer_days') }}

    union all

    select
        'dim_customers' as table_name,
        sum(net_amount) as net_amount,
        sum(valid_order_count) as order_count

    from {{ ref('dim_customers') }}

    union all

    select
        'int_order_amount_changes' as table_name,
        sum(net_change_amount) as net_amount,
        count(distinct order_id) as order_count

    from {{ ref('int_order_amount_changes') }}

)

select
    found.*,
    expected.net_amount as expected_net_amount,
    expected.order_count as expected_order_count

from found
cross join expected

where
    coalesce(found.net_amount, 0) <> expected.net_amount
    or coalesce(found.order_count, 0) <> expected.order_count
