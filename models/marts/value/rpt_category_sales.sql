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

order_categories as (

    -- An order with two lines of a category is one order of it.
    select
        orders.order_id,
        orders.customer_id,
        {{ month_start('orders.order_date') }} as month_start_date,
        coalesce(order_items.category, 'unknown') as category,
        sum(order_items.quantity) as unit_count,
        sum(order_items.line_amount) as line_amount

    from {{ ref('fct_order_items') }} as order_items
    inner join orders on order_items.order_id = orders.order_id

    group by 1, 2, 3, 4

),

customer_categories as (

    select
        customer_id,
        month_start_date,
        category,
        count(*) as order_count,
        sum(unit_count) as unit_count,
        sum(line_amount) as line_amount

    from order_categories

    group by 1, 2, 3

),

sold as (

    select
        month_start_date,
        category,
        sum(order_count) as order_count,
        count(*) as buyer_count,
        sum(unit_count) as unit_count,
        sum(line_amount) as line_amount

    from customer_categories

    group by 1, 2

),

categories as (

    select distinct category from sold

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
