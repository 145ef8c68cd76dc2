-- Grain: one row per customer and snapshot date on which the customer exists.
-- Snapshots overlap: never sum anything over snapshot dates.

-- A view: these are the columns of another table that are public.
{{ config(materialized='view') }}

with

rfm_scores as (

    select * from {{ ref('int_customer_rfm_scores') }}

),

final as (

    select
        customer_id,
        snapshot_date,
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
        rfm_type_code,
        rfm_type,
        rule_tier,
        is_high_annual_value,
        has_full_window

    from rfm_scores

)

select * from final
