-- A stock that its flows do not explain makes two teams report two churn rates; counted
-- afresh from the spans at month ends it must be the same (I-08).

with

churn as (

    select
        *,
        lag(churned_count, 1, 0) over (order by date_day) as previous_churned_count

    from {{ ref('fct_churn_daily') }}

),

span_counts as (

    select
        snapshots.snapshot_date,
        count(spans.customer_id) as customer_count,
        count(case when spans.segment = 'churned' then spans.customer_id end)
            as churned_count

    from {{ ref('int_snapshot_dates') }} as snapshots
    left join {{ ref('fct_customer_segment_spans') }} as spans
        on
            spans.segmentation = 'churn_status'
            and spans.valid_from <= snapshots.snapshot_date
            and (spans.valid_to > snapshots.snapshot_date or spans.valid_to is null)

    group by 1

)

select
    churn.*,
    span_counts.customer_count as span_customer_count,
    span_counts.churned_count as span_churned_count

from churn
left join span_counts on churn.date_day = span_counts.snapshot_date

where
    churn.churned_count
    <> churn.previous_churned_count + churn.newly_churned_count - churn.returned_count
    or churn.churned_count <> span_counts.churned_count
    or churn.customer_count <> span_counts.customer_count
