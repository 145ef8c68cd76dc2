-- Grain: one row per month and channel (and all) with a buyer.

with

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

customer_months as (

    select
        customer_id,
        {{ month_start('order_date') }} as month_start_date,
        sum(cast(margin_amount as decimal(38, 12))) as margin_amount

    from orders

    group by 1, 2

),

compared as (

    select
        *,
        lag(month_start_date) over (
            partition by customer_id
            order by month_start_date
        ) as previous_month

    from customer_months

),

final as (

    select
        compared.month_start_date,
        channel_rollup.channel,
        count(*) as buyer_count,
        sum(
            case
                when {{ months_between(
                    'compared.previous_month', 'compared.month_start_date'
                ) }} = 1 then 1
                else 0
            end
        ) as retained_buyer_count,
        sum(compared.margin_amount) as margin_amount

    from compared
    inner join customers on compared.customer_id = customers.customer_id
    inner join channel_rollup on customers.channel = channel_rollup.customer_channel

    group by 1, 2

)

select * from final
