-- Lines of valid orders must all be sold in some category and month.

with

lines as (

    select
        coalesce(sum(order_items.line_amount), 0) as line_amount,
        coalesce(sum(order_items.quantity), 0) as unit_count

    from {{ ref('fct_order_items') }} as order_items
    inner join {{ ref('fct_orders') }} as orders
        on order_items.order_id = orders.order_id

    where orders.is_valid

),

sales as (

    select
        coalesce(sum(line_amount), 0) as line_amount,
        coalesce(sum(unit_count), 0) as unit_count

    from {{ ref('rpt_category_sales') }}

)

select sales.*

from sales
cross join lines

where
    sales.line_amount <> lines.line_amount
    or sales.unit_count <> lines.unit_count
