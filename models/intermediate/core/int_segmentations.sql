-- Grain: one row per segmentation that has spans.

with

segment_labels as (

    select * from {{ ref('segment_labels') }}

),

segmentations as (

    select distinct
        segmentation,
        false as is_snapshot_label

    from {{ ref('int_segment_rules') }}

    {% for segmentation in snapshot_segmentations() -%}
    union all
    select
        '{{ segmentation }}' as segmentation,
        true as is_snapshot_label
    {% endfor %}

),

-- Ranks repeat between a segment and one that occurs in flows only, never among others.
ranked as (

    select
        segmentation,
        segment,
        row_number() over (
            partition by segmentation
            order by
                case when is_flow_only then 1 else 0 end, segment_rank, segment
        ) as default_rank,
        row_number() over (
            partition by segmentation
            order by
                case when is_flow_only then 0 else 1 end, segment_rank, segment
        ) as absent_rank

    from segment_labels

),

final as (

    select
        segmentations.segmentation,
        segmentations.is_snapshot_label,
        max(case when ranked.default_rank = 1 then ranked.segment end)
            as default_segment,
        max(case when ranked.absent_rank = 1 then ranked.segment end) as absent_segment

    from segmentations
    left join ranked on segmentations.segmentation = ranked.segmentation

    group by 1, 2

)

select * from final
