-- A join that repeats or drops orders would misstate revenue in every report.
-- In each grain the rows 'all', and the channels together, hold the money and orders of
-- all valid orders; over all of history cash and order-dated net are the same money.

with

orders as (

    select
        sum(net_amount) as net_amount,
        sum(gross_amount) as gmv_amount,
        count(*) as order_count

    from {{ ref('fct_orders') }}

    where is_valid

),

periods as (

    select
        period_grain,
        channel = 'all' as is_total,
        sum(net_amount) as net_amount,
        sum(cash_net_amount) as cash_net_amount,
        sum(gmv_amount) as gmv_amount,
        sum(order_count) as order_count

    from {{ ref('rpt_commerce_periods') }}

    group by 1, 2

)

select
    periods.*,
    orders.net_amount as expected_net_amount

from periods
cross join orders

where
    periods.net_amount <> coalesce(orders.net_amount, 0)
    or periods.cash_net_amount <> coalesce(orders.net_amount, 0)
    or periods.gmv_amount <> coalesce(orders.gmv_amount, 0)
    or periods.order_count <> orders.order_count
