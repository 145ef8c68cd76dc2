-- A stage whose rank in the rules is not the one of its label would be shown by one
-- order and counted as a rise or a fall by another.

select
    rules.segmentation,
    rules.segment,
    rules.segment_rank,
    segments.segment_rank as label_rank

from {{ ref('int_segment_rules') }} as rules
left join {{ ref('dim_segments') }} as segments
    on
        rules.segmentation = segments.segmentation
        and rules.segment = segments.segment

where
    segments.segment is null
    or segments.segment_rank <> rules.segment_rank
    or rules.segment = 'none'
