-- Grain: one row per stage framework, pair of dates, stage before and stage after.
-- Counts add up over the cells of one pair, never over pairs.

{{ config(materialized='view') }}

with

flows as (

    select * from {{ ref('rpt_segment_flows') }}

),

final as (

    select
        segmentation as framework,
        date_from,
        date_to,
        from_segment as from_stage,
        to_segment as to_stage,
        customer_count,
        customer_share,
        new_customer_count,
        is_complete

    from flows

    where
        segmentation in (
            select stage_rules.framework
            from {{ ref('stage_rules') }} as stage_rules
        )

)

select * from final
