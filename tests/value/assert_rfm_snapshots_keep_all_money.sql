-- A refund is in the snapshots from its date on and in none before. At the as-of date
-- the money of the window is that of its orders.

with

windowed as (

    select
        count(*) as order_count,
        coalesce(sum(net_amount), 0) as net_amount

    from {{ ref('fct_orders') }}

    where
        is_valid
        and {{ in_window('order_date', as_of_date(), var('rfm_window_days')) }}

),

scored as (

    select
        coalesce(sum(frequency_count), 0) as order_count,
        coalesce(sum(monetary_amount), 0) as net_amount

    from {{ ref('fct_customer_rfm_scores') }}

    where snapshot_date = {{ as_of_date() }}

)

select
    scored.net_amount,
    windowed.net_amount as expected_net_amount

from scored
cross join windowed

where
    scored.order_count <> windowed.order_count
    or scored.net_amount <> windowed.net_amount
