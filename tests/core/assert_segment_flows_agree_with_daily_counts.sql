-- Flows and daily counts are two ways through the same spans. A flow that loses people
-- between two dates would show up as churn or growth that never happened.

with

flows as (

    select * from {{ ref('rpt_segment_flows') }}

),

counts as (

    select * from {{ ref('rpt_segment_counts_daily') }}

),

pairs as (

    select
        segmentation,
        date_from,
        date_to

    from {{ ref('int_segment_flow_pairs') }}

),

-- Who is new was in no segment on the first date.
by_start as (

    select
        segmentation,
        date_from,
        date_to,
        from_segment as segment,
        sum(customer_count - new_customer_count) as flow_count

    from flows

    group by 1, 2, 3, 4

),

by_end as (

    select
        segmentation,
        date_from,
        date_to,
        to_segment as segment,
        sum(customer_count) as flow_count

    from flows

    group by 1, 2, 3, 4

),

expected as (

    select
        'start' as side,
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        counts.segment,
        counts.customer_count

    from pairs
    inner join counts
        on
            pairs.segmentation = counts.segmentation
            and pairs.date_from = counts.date_day

    union all

    select
        'end' as side,
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        counts.segment,
        counts.customer_count

    from pairs
    inner join counts
        on
            pairs.segmentation = counts.segmentation
            and pairs.date_to = counts.date_day

),

flowed as (

    select
        'start' as side,
        *

    from by_start

    union all

    select
        'end' as side,
        *

    from by_end

)

select
    coalesce(expected.side, flowed.side) as side,
    coalesce(expected.segmentation, flowed.segmentation) as segmentation,
    coalesce(expected.date_from, flowed.date_from) as date_from,
    coalesce(expected.date_to, flowed.date_to) as date_to,
    coalesce(expected.segment, flowed.segment) as segment,
    expected.customer_count,
    flowed.flow_count

from expected
full outer join flowed
    on
        expected.side = flowed.side
        and expected.segmentation = flowed.segmentation
        and expected.date_from = flowed.date_from
        and expected.date_to = flowed.date_to
        and expected.segment = flowed.segment

where coalesce(expected.customer_count, 0) <> coalesce(flowed.flow_count, 0)
