-- Grain: one row per snapshot date and RFM cell that somebody is in.
-- At most 125 cells are ranked, not every customer.

with

points as (

    select * from {{ ref('int_customer_rfm_points') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

cells as (

    select distinct
        snapshot_date,
        rfm_cell,
        recency_score,
        frequency_score,
        monetary_score,
        rfm_score

    from points

),

final as (

    select
        cells.snapshot_date,
        cells.rfm_cell,
        {{ rfm_score('cells.rfm_score', 'thresholds.grade') }} as rfm_grade,

        -- Equal scores share a rank, whoever has them.
        cast(
            dense_rank() over (
                partition by cells.snapshot_date
                order by cells.rfm_score desc
            ) as bigint
        ) as rfm_rank

    from cells
    inner join thresholds on cells.snapshot_date = thresholds.snapshot_date

)

select * from final
