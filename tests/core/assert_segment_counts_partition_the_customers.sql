-- On every date every existing customer is in exactly one segment of a segmentation; a
-- count that misses some would make every share too large.

with

entries as (

    select
        entry_date as date_day,
        count(*) as entered_count

    from {{ ref('dim_customers') }}

    group by 1

),

existing as (

    select
        dates.date_day,
        sum(coalesce(entries.entered_count, 0)) over (
            order by dates.date_day
            rows between unbounded preceding and current row
        ) as existing_count

    from {{ ref('dim_dates') }} as dates
    left join entries on dates.date_day = entries.date_day

),

counted as (

    select
        segmentation,
        date_day,
        sum(customer_count) as customer_count,
        sum(customer_share) as share_sum,
        min(customer_count) as least_count

    from {{ ref('rpt_segment_counts_daily') }}

    group by 1, 2

)

select
    counted.*,
    existing.existing_count

from counted
full outer join existing on counted.date_day = existing.date_day

where
    counted.date_day is null
    or existing.date_day is null
    or counted.customer_count <> existing.existing_count
    or counted.least_count < 0
    or (counted.share_sum is null) <> (existing.existing_count = 0)
    or abs(counted.share_sum - 1) > 1e-9
