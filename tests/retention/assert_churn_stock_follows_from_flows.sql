-- A stock that its flows do not explain, or that the segment counts do not know, sends
-- two teams to meetings with two churn rates (I-08).

with

churn as (

    select
        *,
        lag(churned_count, 1, 0) over (order by date_day) as previous_churned_count

    from {{ ref('fct_churn_daily') }}

),

segment_counts as (

    select
        date_day,
        sum(case when segment = 'churned' then customer_count end) as churned_count,
        sum(customer_count) as customer_count

    from {{ ref('rpt_segment_counts_daily') }}

    where segmentation = 'churn_status'

    group by 1

)

select
    churn.*,
    segment_counts.churned_count as segment_churned_count

from churn
inner join segment_counts on churn.date_day = segment_counts.date_day

where
    churn.churned_count
    <> churn.previous_churned_count + churn.newly_churned_count - churn.returned_count
    or churn.churned_count <> segment_counts.churned_count
    or churn.customer_count <> segment_counts.customer_count
