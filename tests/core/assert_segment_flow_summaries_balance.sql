-- start = stay + moved + lost, end = stay + everybody who came: where they do not add
-- up, a segment gains or loses customers in a report without any customer moving.

with

arrivals as (

    select
        segmentation,
        date_from,
        date_to,
        to_segment as segment,
        sum(customer_count) as arrived_count

    from {{ ref('rpt_segment_flows') }}

    where from_segment <> to_segment

    group by 1, 2, 3, 4

),

summary as (

    select * from {{ ref('rpt_segment_flow_summary') }}

)

select
    summary.*,
    arrivals.arrived_count

from summary
left join arrivals
    on
        summary.segmentation = arrivals.segmentation
        and summary.date_from = arrivals.date_from
        and summary.date_to = arrivals.date_to
        and summary.segment = arrivals.segment

where
    summary.start_count
    <> summary.stay_count
    + summary.moved_up_count
    + summary.moved_down_count
    + summary.lost_count
    or summary.end_count
    <> summary.stay_count + coalesce(arrivals.arrived_count, 0)
    or summary.gained_count > coalesce(arrivals.arrived_count, 0)
    or not coalesce(summary.stay_rate between 0 and 1, summary.start_count = 0)
