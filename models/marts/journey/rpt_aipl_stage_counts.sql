-- Grain: one row per stage framework, stage and date; zero days included.
-- Counts of one date add up over the stages of one framework, never over dates.

{{ config(materialized='view') }}

with

counts as (

    select * from {{ ref('rpt_segment_counts_daily') }}

),

segments as (

    select * from {{ ref('dim_segments') }}

),

final as (

    select
        counts.segmentation as framework,
        counts.segment as stage,
        counts.date_day,
        segments.segment_rank as stage_rank,
        counts.customer_count,
        counts.customer_share

    from counts
    inner join segments
        on
            counts.segmentation = segments.segmentation
            and counts.segment = segments.segment

    where
        counts.segmentation in (
            select stage_rules.framework
            from {{ ref('stage_rules') }} as stage_rules
        )

)

select * from final
