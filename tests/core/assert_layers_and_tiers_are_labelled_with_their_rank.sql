-- A layer or tier without a label is in no count. One that is better than the next by
-- its cut and worse by its rank would make rises of falls.

with

listed as (

    select
        'pyramid_layer' as segmentation,
        layer as segment,
        row_number() over (order by cut_share desc) as listed_rank

    from {{ ref('pyramid_cuts') }}

    union all

    select
        'membership_tier' as segmentation,
        tier as segment,
        row_number() over (order by lower_amount) as listed_rank

    from {{ ref('membership_tiers') }}

)

select
    listed.*,
    segments.segment_rank

from listed
left join {{ ref('dim_segments') }} as segments
    on
        listed.segmentation = segments.segmentation
        and listed.segment = segments.segment

where
    segments.segment_rank is null
    or segments.segment_rank <> listed.listed_rank
