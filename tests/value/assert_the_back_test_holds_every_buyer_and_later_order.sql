-- Who had ordered by the fit date is tested once, on all that he ordered after it. A
-- report of fewer buyers or orders would make the models look better or worse.

with

backtest as (

    select
        fit_date,
        sum(customer_count) as customer_count,
        sum(actual_order_count) as actual_order_count,
        sum(actual_amount) as actual_amount

    from {{ ref('rpt_prediction_backtest') }}

    group by 1

),

fit_dates as (

    select fit_date from {{ ref('int_fit_dates') }}

    where fit_date < {{ as_of_date() }}

),

orders as (

    select
        customer_id,
        order_date,
        net_amount,
        min(order_date) over (partition by customer_id) as first_order_date

    from {{ ref('fct_orders') }}

    where is_valid

),

-- Orders of a day are one purchase.
purchases as (

    select
        customer_id,
        first_order_date,
        order_date,
        sum(net_amount) as net_amount

    from orders

    group by 1, 2, 3

),

known as (

    select
        fit_dates.fit_date,
        count(distinct purchases.customer_id) as customer_count,
        sum(
            case when purchases.order_date > fit_dates.fit_date then 1 else 0 end
        ) as actual_order_count,
        sum(
            case
                when purchases.order_date > fit_dates.fit_date
                    then purchases.net_amount
                else 0
            end
        ) as actual_amount

    from fit_dates
    inner join purchases on purchases.first_order_date <= fit_dates.fit_date

    group by 1

)

select
    known.*,
    backtest.customer_count as tested_customer_count,
    backtest.actual_order_count as tested_order_count,
    backtest.actual_amount as tested_amount

from known
left join backtest on known.fit_date = backtest.fit_date

where
    backtest.fit_date is null
    or known.customer_count <> backtest.customer_count
    or known.actual_order_count <> backtest.actual_order_count
    or known.actual_amount <> backtest.actual_amount
