-- Grain: one row per accepted line of an accepted order dated up to the as-of date.

-- A view: the lines exist in staging, and only those of later orders are left out.
{{ config(materialized='view') }}

with

order_items as (

    select * from {{ ref('stg_shop__order_items') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

final as (

    select
        order_items.order_id,
        order_items.line_number,
        order_items.item_id,
        order_items.category,
        order_items.quantity,
        order_items.unit_price,
        order_items.unit_cost,
        cast(order_items.quantity * order_items.unit_price as decimal(18, 2))
            as line_amount

    from order_items
    inner join orders on order_items.order_id = orders.order_id

)

select * from final
