-- Grain: one row per segmentation and segment.

with

segment_labels as (

    select * from {{ ref('segment_labels') }}

),

final as (

    select
        segmentation,
        segment,
        segment_rank,
        label_en,
        label_zh,
        meaning_en,
        meaning_zh,
        is_flow_only

    from segment_labels

)

select * from final
