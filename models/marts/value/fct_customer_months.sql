-- Grain: one row per customer and month with a valid order.

with

customer_months as (

    select * from {{ ref('int_customer_periods') }}

    where period_grain = 'month' and has_order

),

customers as (

    select * from {{ ref('int_customers') }}

),

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

final as (

    select
        customers.customer_id,
        customer_months.period_start_date as month_start_date,
        customer_months.order_count,
        customer_months.net_amount,
        {{ is_high_value_repeat(
            'customer_months.order_count', 'customer_months.net_amount'
        ) }} as is_high_value_repeat,
        months.is_complete

    from customer_months
    inner join customers on customer_months.customer_key = customers.customer_key
    inner join months on customer_months.period_start_date = months.period_start_date

)

select * from final
