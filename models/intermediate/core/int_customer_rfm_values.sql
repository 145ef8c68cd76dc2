-- Grain: one row per snapshot date and customer who exists then.
-- Each snapshot knows what had happened by then: a later refund leaves it alone.

{%- set rfm_days = var('rfm_window_days') %}
{%- set recent_days = var('high_value_window_days') %}

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

changes as (

    -- The first change of an order is the order itself, any other a refund.
    select
        order_amount_changes.customer_id,
        snapshots.snapshot_date,
        order_amount_changes.order_date,
        case
            when order_amount_changes.change_date = order_amount_changes.order_date
                then 1
            else 0
        end as order_count,
        order_amount_changes.net_change_amount as net_amount,
        {{ in_window('order_date', 'snapshot_date', rfm_days) }} as is_in_rfm_window,
        {{ in_window('order_date', 'snapshot_date', recent_days) }} as is_recent,
        {{ in_window('order_date', 'snapshot_date', 365) }} as is_in_year

    from {{ ref('int_order_amount_changes') }} as order_amount_changes
    inner join snapshots
        on order_amount_changes.change_date <= snapshots.snapshot_date

),

totals as (

    select
        customer_id,
        snapshot_date,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        sum(order_count) as lifetime_order_count,
        sum(case when is_in_rfm_window then order_count end) as frequency_count,
        sum(case when is_in_rfm_window then net_amount end) as monetary_amount,
        sum(case when is_recent then order_count end) as recent_order_count,
        sum(case when is_recent then net_amount end) as recent_net_amount,
        sum(case when is_in_year then net_amount end) as annual_net_amount

    from changes

    group by 1, 2

),

final as (

    select
        customers.customer_id,
        snapshots.snapshot_date,
        snapshots.is_month_end,
        totals.customer_id is not null as is_scored,
        totals.first_order_date,
        totals.last_order_date,
        {{ days_between('totals.last_order_date', 'snapshots.snapshot_date') }}
            as recency_days,
        cast(coalesce(totals.lifetime_order_count, 0) as bigint)
            as lifetime_order_count,
        cast(coalesce(totals.frequency_count, 0) as bigint) as frequency_count,
        cast(coalesce(totals.monetary_amount, 0) as decimal(18, 2)) as monetary_amount,
        {{ ratio('totals.monetary_amount', 'totals.frequency_count') }}
            as average_order_amount,
        cast(coalesce(totals.recent_order_count, 0) as bigint) as recent_order_count,
        cast(coalesce(totals.recent_net_amount, 0) as decimal(18, 2))
            as recent_net_amount,
        cast(coalesce(totals.annual_net_amount, 0) as decimal(18, 2))
            as annual_net_amount

    from customers
    inner join snapshots on customers.entry_date <= snapshots.snapshot_date
    left join totals
        on
            customers.customer_id = totals.customer_id
            and snapshots.snapshot_date = totals.snapshot_date

)

select * from final
