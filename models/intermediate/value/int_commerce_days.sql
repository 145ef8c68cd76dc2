-- Grain: one row per date and customer channel with an order or a refund.

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

order_amount_changes as (

    select * from {{ ref('int_order_amount_changes') }}

),

units_of_orders as (

    select
        order_id,
        sum(quantity) as unit_count

    from {{ ref('fct_order_items') }}

    group by 1

),

order_days as (

    select
        orders.order_date as date_day,
        customers.channel as customer_channel,
        sum(case when orders.is_valid then 1 else 0 end) as order_count,
        sum(case when orders.valid_order_number > 1 then 1 else 0 end)
            as repeat_order_count,
        sum(case when orders.status = 'cancelled' then 1 else 0 end)
            as cancelled_order_count,
        sum(case when orders.is_valid then orders.gross_amount end) as gmv_amount,
        sum(case when orders.is_valid then orders.discount_amount end)
            as discount_amount,
        sum(case when orders.is_valid then orders.refund_amount end) as refund_amount,
        sum(case when orders.is_valid then orders.net_amount end) as net_amount,
        sum(case when orders.is_valid then units_of_orders.unit_count end) as unit_count

    from orders
    inner join customers on orders.customer_id = customers.customer_id
    left join units_of_orders on orders.order_id = units_of_orders.order_id

    group by 1, 2

),

cash_days as (

    -- Money counts when it comes and goes: a refund on its own date.
    select
        order_amount_changes.change_date as date_day,
        customers.channel as customer_channel,
        sum(order_amount_changes.net_change_amount) as cash_net_amount

    from order_amount_changes
    inner join customers
        on order_amount_changes.customer_id = customers.customer_id

    group by 1, 2

),

final as (

    select
        coalesce(order_days.date_day, cash_days.date_day) as date_day,
        coalesce(order_days.customer_channel, cash_days.customer_channel)
            as customer_channel,
        coalesce(order_days.order_count, 0) as order_count,
        coalesce(order_days.repeat_order_count, 0) as repeat_order_count,
        coalesce(order_days.cancelled_order_count, 0) as cancelled_order_count,
        coalesce(order_days.gmv_amount, 0) as gmv_amount,
        coalesce(order_days.discount_amount, 0) as discount_amount,
        coalesce(order_days.refund_amount, 0) as refund_amount,
        coalesce(order_days.net_amount, 0) as net_amount,
        coalesce(cash_days.cash_net_amount, 0) as cash_net_amount,
        coalesce(order_days.unit_count, 0) as unit_count

    from order_days
    full outer join cash_days
        on
            order_days.date_day = cash_days.date_day
            and order_days.customer_channel = cash_days.customer_channel

)

select * from final
