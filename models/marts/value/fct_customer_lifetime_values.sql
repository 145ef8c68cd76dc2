-- Grain: one row per customer who exists at the as-of date, buyers or not.

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

order_totals as (

    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as valid_order_count,
        count(distinct order_date) - 1 as repeat_order_count,
        count(distinct {{ month_start('order_date') }}) as active_month_count,
        sum(net_amount) as historic_net_amount,
        {{ sum_of_doubles('margin_amount') }} as historic_margin_amount

    from orders

    group by 1

),

final as (

    select
        customers.customer_id,
        {{ as_of_date() }} as as_of_date,
        cast(coalesce(order_totals.historic_net_amount, 0) as decimal(18, 2))
            as historic_net_amount,
        coalesce(order_totals.historic_margin_amount, 0) as historic_margin_amount,
        coalesce(order_totals.valid_order_count, 0) as valid_order_count,
        coalesce(order_totals.repeat_order_count, 0) as repeat_order_count,
        {{ ratio(
            days_between(
                'order_totals.first_order_date', 'order_totals.last_order_date'
            ),
            7
        ) }} as recency_weeks,
        {{ ratio(days_between('order_totals.first_order_date', as_of_date()), 7) }}
            as age_weeks,
        coalesce(order_totals.active_month_count, 0) as active_month_count,
        {{ ratio(
            'order_totals.historic_net_amount', 'order_totals.valid_order_count'
        ) }} as average_order_amount

    from customers
    left join order_totals on customers.customer_id = order_totals.customer_id

)

select * from final
