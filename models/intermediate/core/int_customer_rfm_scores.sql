-- Grain: one row per snapshot date and customer who exists then.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['snapshot_date >= snapshots_from'],
    post_hook='{{ sign() }}',
) }}

with

customer_values as (

    select * from {{ ref('int_customer_rfm_values') }}

),

points as (

    select * from {{ ref('int_customer_rfm_points') }}

),

cell_ranks as (

    select * from {{ ref('int_rfm_cell_ranks') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

compared as (

    select
        customer_values.*,
        points.recency_score,
        points.frequency_score,
        points.monetary_score,
        points.rfm_cell,
        points.rfm_score,
        cell_ranks.rfm_grade,
        cell_ranks.rfm_rank,
        thresholds.aov_low,
        thresholds.aov_high,
        {{ is_rfm_high('recency', 'recency_days', less_is_better=true) }}
            as is_recency_high,
        {{ is_rfm_high('frequency', 'frequency_count') }} as is_frequency_high,
        {{ is_rfm_high('monetary', 'monetary_amount') }} as is_monetary_high

    from customer_values
    left join points
        on
            customer_values.customer_id = points.customer_id
            and customer_values.snapshot_date = points.snapshot_date
    left join cell_ranks
        on
            points.snapshot_date = cell_ranks.snapshot_date
            and points.rfm_cell = cell_ranks.rfm_cell
    left join thresholds on points.snapshot_date = thresholds.snapshot_date

),

final as (

    select
        customer_id,
        snapshot_date,
        is_month_end,
        is_scored,
        recency_days,
        frequency_count,
        monetary_amount,
        average_order_amount,
        first_order_date,
        last_order_date,
        lifetime_order_count,
        recency_score,
        frequency_score,
        monetary_score,
        rfm_cell,
        rfm_score,
        rfm_grade,
        rfm_rank,
        is_recency_high,
        is_frequency_high,
        is_monetary_high,
        {{ rfm_type_code('is_recency_high', 'is_frequency_high', 'is_monetary_high') }}
            as rfm_type_code,
        {{ rfm_type('is_recency_high', 'is_frequency_high', 'is_monetary_high') }}
            as rfm_type,
        {{ rule_tier() }} as rule_tier,
        annual_net_amount >= {{ var('high_annual_value') }} as is_high_annual_value,
        {{ has_full_window('snapshot_date', var('rfm_window_days')) }}
            as has_full_window

    from compared

)

select * from final
