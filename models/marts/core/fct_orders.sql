-- Grain: one row per accepted order dated up to the as-of date, whatever its status.
-- Money of cancelled and unpaid orders is no revenue: filter on is_valid before a sum.

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as {{ inlined() }} (

    select * from {{ ref('int_orders_valued') }}

),

numbered as (

    select
        order_id,

        -- Two orders can share a second; order_id keeps their numbers from changing
        -- between runs.
        cast(row_number() over customer_history as bigint) as valid_order_number,
        lag(order_date) over customer_history as previous_valid_order_date

    from orders

    where is_valid

    window
        customer_history as (
            partition by customer_id
            order by ordered_at, order_id
        )

),

final as (

    select
        orders.order_id,
        orders.customer_id,
        orders.ordered_at,
        orders.order_date,
        case
            when {{ local_date('orders.delivered_at') }} <= {{ as_of_date() }}
                then orders.delivered_at
        end as delivered_at,
        orders.status,
        orders.is_valid,
        orders.store,
        orders.gross_amount,
        orders.discount_amount,
        orders.refund_amount,
        orders.net_amount,
        orders.known_cost_amount as cost_amount,
        orders.margin_amount,
        numbered.valid_order_number,
        coalesce(numbered.valid_order_number = 1, false) as is_first_valid_order,
        {{ days_between('numbered.previous_valid_order_date', 'orders.order_date') }}
            as days_since_previous_valid_order,
        coalesce(orders.ordered_at < customers.registered_at, false)
            as is_before_registration,
        orders.gross_amount = orders.discount_amount as is_zero_amount,
        {{ passed_on('orders', 'orders') }}
        coalesce(
            abs(
                orders.given_net_amount
                - (orders.gross_amount - orders.discount_amount)
            ) > 0.01,
            false
        ) as is_net_mismatch

    from orders
    inner join customers on orders.customer_id = customers.customer_id
    left join numbered on orders.order_id = numbered.order_id

)

select * from final
