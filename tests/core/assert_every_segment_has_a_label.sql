-- A segment without a label has no rank: it would vanish from daily counts and from the
-- flow summary.

select distinct
    spans.segmentation,
    spans.segment

from {{ ref('fct_customer_segment_spans') }} as spans
left join {{ ref('dim_segments') }} as segments
    on
        spans.segmentation = segments.segmentation
        and spans.segment = segments.segment

where
    segments.segment is null
    or segments.is_flow_only
