-- Grain: one row per snapshot date and dimension (recency, frequency, monetary).

with

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

by_dimension as (

    select
        snapshot_date,
        'recency' as dimension,
        recency_20 as breakpoint_20,
        recency_40 as breakpoint_40,
        recency_60 as breakpoint_60,
        recency_80 as breakpoint_80,
        recency_score_sum as score_sum,
        recency_median as median_value,
        recency_score_count as distinct_score_count

    from thresholds

    union all

    select
        snapshot_date,
        'frequency' as dimension,
        frequency_20 as breakpoint_20,
        frequency_40 as breakpoint_40,
        frequency_60 as breakpoint_60,
        frequency_80 as breakpoint_80,
        frequency_score_sum as score_sum,
        frequency_median as median_value,
        frequency_score_count as distinct_score_count

    from thresholds

    union all

    select
        snapshot_date,
        'monetary' as dimension,
        monetary_20 as breakpoint_20,
        monetary_40 as breakpoint_40,
        monetary_60 as breakpoint_60,
        monetary_80 as breakpoint_80,
        monetary_score_sum as score_sum,
        monetary_median as median_value,
        monetary_score_count as distinct_score_count

    from thresholds

),

dimensions as (

    select 'recency' as dimension
    union all
    select 'frequency' as dimension
    union all
    select 'monetary' as dimension

),

final as (

    select
        snapshots.snapshot_date,
        dimensions.dimension,
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

    from snapshots
    cross join dimensions
    left join thresholds on snapshots.snapshot_date = thresholds.snapshot_date
    left join by_dimension
        on
            snapshots.snapshot_date = by_dimension.snapshot_date
            and dimensions.dimension = by_dimension.dimension

)

select * from final
