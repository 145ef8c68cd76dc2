-- Grain: one row per snapshot date and customer who exists then.
-- Each snapshot knows what had happened by then: a later refund leaves it alone.
-- The one pass over all orders and snapshots; every label of a snapshot reads it here.

{%- set rfm_days = var('rfm_window_days') %}
{%- set recent_days = var('high_value_window_days') %}
{%- set loyalty_days = var('loyalty_window_days') %}
{%- set half_year_days = loyalty_preference_days() %}
{%- set life_days = var('life_stage_days') %}

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshots as (

    select * from {{ ref('int_restated_snapshots') }}

),

-- The first change of an order is the order itself, any other a refund. Of two orders
-- on one day only the first has a gap before it.
order_changes as (

    select
        *,
        change_date = order_date as is_order,
        lag(order_date) over (
            partition by customer_id, change_date = order_date
            order by order_date, order_id, change_date
        ) as previous_order_date

    from {{ ref('int_order_amount_changes') }}

),

changes as (

    select
        order_changes.customer_id,
        snapshots.snapshot_date,
        order_changes.order_date,
        order_changes.refund_count,
        case when order_changes.is_order then 1 else 0 end as order_count,
        case
            when
                order_changes.is_order
                and order_changes.order_date > order_changes.previous_order_date
                then {{ days_between(
                    'order_changes.previous_order_date', 'order_changes.order_date'
                ) }}
            when order_changes.is_order and order_changes.previous_order_date is null
                then 0
        end as gap_days,
        order_changes.net_change_amount as net_amount,
        order_changes.margin_change_amount as margin_amount,
        {{ in_window('order_date', 'snapshot_date', rfm_days) }} as is_in_rfm_window,
        {{ in_window('order_date', 'snapshot_date', recent_days) }} as is_recent,
        {{ in_window('order_date', 'snapshot_date', 365) }} as is_in_year,
        {{ in_window('order_date', 'snapshot_date', loyalty_days) }} as is_loyal_order,
        {{ in_window('previous_order_date', 'snapshot_date', loyalty_days) }}
            as is_loyal_gap,
        {{ in_window('change_date', 'snapshot_date', loyalty_days) }}
            as is_loyal_change,
        {{ in_window('order_date', 'snapshot_date', half_year_days) }} as is_half_year,
        {{ in_window('order_date', 'snapshot_date', 2 * half_year_days) }} as is_whole,
        {{ in_window('order_date', 'snapshot_date', life_days) }} as is_in_life_window,
        {{ in_window('order_date', 'snapshot_date', 2 * life_days) }}
            as is_in_two_life_windows

    from order_changes
    inner join snapshots on order_changes.change_date <= snapshots.snapshot_date

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
        sum(case when is_in_year then net_amount end) as annual_net_amount,
        count(case when is_loyal_order then gap_days end) as order_day_count,
        sum(case when is_loyal_gap then gap_days end) as gap_day_sum,
        sum(case when is_loyal_gap then gap_days * gap_days end) as gap_square_sum,
        sum(case when is_loyal_change then refund_count end) as refund_count,
        sum(case when is_half_year then order_count end) as half_year_order_count,
        sum(case when is_whole and not is_half_year then order_count end)
            as previous_half_year_order_count,
        sum(case when is_in_life_window then order_count end) as life_stage_order_count,
        {{ sum_of_doubles('case when is_in_life_window then margin_amount end') }}
            as margin_amount,
        {{ sum_of_doubles(
            'case when is_in_two_life_windows and not is_in_life_window '
            ~ 'then margin_amount end'
        ) }} as previous_margin_amount

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
            as annual_net_amount,
        coalesce(totals.order_day_count, 0) as order_day_count,
        cast(coalesce(totals.gap_day_sum, 0) as bigint) as gap_day_sum,
        cast(coalesce(totals.gap_square_sum, 0) as bigint) as gap_square_sum,
        cast(coalesce(totals.refund_count, 0) as bigint) as refund_count,
        cast(coalesce(totals.half_year_order_count, 0) as bigint)
            as half_year_order_count,
        cast(coalesce(totals.previous_half_year_order_count, 0) as bigint)
            as previous_half_year_order_count,
        cast(coalesce(totals.life_stage_order_count, 0) as bigint)
            as life_stage_order_count,
        coalesce(totals.margin_amount, 0) as margin_amount,
        coalesce(totals.previous_margin_amount, 0) as previous_margin_amount

    from customers
    inner join snapshots on customers.entry_date <= snapshots.snapshot_date
    left join totals
        on
            customers.customer_id = totals.customer_id
            and snapshots.snapshot_date = totals.snapshot_date

)

select * from final
