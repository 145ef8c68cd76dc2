-- Grain: one row per snapshot date and dimension (recency, frequency, monetary).

with

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

snapshot_thresholds as (

    -- A snapshot before the first order has its rows too.
    select
        snapshots.snapshot_date as measured_date,
        thresholds.*

    from snapshots
    left join thresholds on snapshots.snapshot_date = thresholds.snapshot_date

),

by_dimension as (

    select
        measured_date as snapshot_date,
        'recency' as dimension,
        recency_20 as breakpoint_20,
        recency_40 as breakpoint_40,
        recency_60 as breakpoint_60,
        recency_80 as breakpoint_80,
        recency_score_sum as score_sum,
        recency_median as median_value,
        recency_score_count as distinct_score_count

    from snapshot_thresholds

    union all

    select
        measured_date as snapshot_date,
        'frequency' as dimension,
        frequency_20 as breakpoint_20,
        frequency_40 as breakpoint_40,
        frequency_60 as breakpoint_60,
        frequency_80 as breakpoint_80,
        frequency_score_sum as score_sum,
        frequency_median as median_value,
        frequency_score_count as distinct_score_count

    from snapshot_thresholds

    union all

    select
        measured_date as snapshot_date,
        'monetary' as dimension,
        monetary_20 as breakpoint_20,
        monetary_40 as breakpoint_40,
        monetary_60 as breakpoint_60,
        monetary_80 as breakpoint_80,
        monetary_score_sum as score_sum,
        monetary_median as median_value,
        monetary_score_count as distinct_score_count

    from snapshot_thresholds

),

final as (

    select
        by_dimension.snapshot_date,
        by_dimension.dimension,
        by_dimension.breakpoint_20,
        by_dimension.breakpoint_40,
        by_dimension.breakpoint_60,
        by_dimension.breakpoint_80,
        {{ ratio('by_dimension.score_sum', 'thresholds.scored_customer_count') }}
            as mean_score,
        by_dimension.median_value,
        coalesce(by_dimension.distinct_score_count, 0) as distinct_score_count,
        coalesce(thresholds.scored_customer_count, 0) as scored_customer_count,
        thresholds.repeat_share,
        thresholds.is_rfm_applicable

    from by_dimension
    left join thresholds on by_dimension.snapshot_date = thresholds.snapshot_date

)

select * from final
