-- Grain: one row per buyer: his share of what his channel spent in the month of his
-- first order; and one without customer for the spend of months without new buyers.

with

customers as (

    select * from {{ ref('int_customers') }}

),

first_orders as (

    select
        customer_id,
        {{ month_start('order_date') }} as first_order_month

    from {{ ref('fct_orders') }}

    where is_first_valid_order

),

spend as (

    select
        channel,
        {{ month_start('spend_date') }} as month_start_date,
        sum(spend_amount) as spend_amount

    from {{ ref('fct_channel_spend') }}

    group by 1, 2

),

buyers as (

    select
        first_orders.customer_id,
        first_orders.first_order_month,
        customers.channel,
        count(*) over (
            partition by customers.channel, first_orders.first_order_month
        ) as new_buyer_count

    from first_orders
    inner join customers on first_orders.customer_id = customers.customer_id

),

shares as (

    select
        buyers.customer_id,
        coalesce({{ ratio('spend.spend_amount', 'buyers.new_buyer_count') }}, 0)
            as acquisition_cost_amount

    from buyers
    left join spend
        on
            buyers.channel = spend.channel
            and buyers.first_order_month = spend.month_start_date

),

unallocated as (

    select {{ as_double('sum(spend.spend_amount)') }} as amount

    from spend
    left join buyers
        on
            spend.channel = buyers.channel
            and spend.month_start_date = buyers.first_order_month

    where buyers.customer_id is null

),

final as (

    select
        customer_id,
        acquisition_cost_amount

    from shares

    union all

    select
        null as customer_id,
        amount as acquisition_cost_amount

    from unallocated

    where amount > 0

)

select * from final
