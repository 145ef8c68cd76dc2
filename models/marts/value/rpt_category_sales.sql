-- Grain: one row per month and item category; empty months included.
-- Units and amounts add up; an order or buyer of two categories counts in both.

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

order_items as (

    select
        orders.order_id,
        orders.customer_id,
        {{ month_start('orders.order_date') }} as month_start_date,
        coalesce(order_items.category, 'unknown') as category,
        order_items.quantity,
        order_items.line_amount

    from {{ ref('fct_order_items') }} as order_items
    inner join orders on order_items.order_id = orders.order_id

),

categories as (

    select distinct category from order_items

),

sold as (

    select
        month_start_date,
        category,
        count(distinct order_id) as order_count,
        count(distinct customer_id) as buyer_count,
        sum(quantity) as unit_count,
        sum(line_amount) as line_amount

    from order_items

    group by 1, 2

),

final as (

    select
        months.period_start_date as month_start_date,
        categories.category,
        cast(coalesce(sold.order_count, 0) as bigint) as order_count,
        cast(coalesce(sold.buyer_count, 0) as bigint) as buyer_count,
        cast(coalesce(sold.unit_count, 0) as bigint) as unit_count,
        cast(coalesce(sold.line_amount, 0) as decimal(18, 2)) as line_amount

    from months
    cross join categories
    left join sold
        on
            months.period_start_date = sold.month_start_date
            and categories.category = sold.category

)

select * from final
