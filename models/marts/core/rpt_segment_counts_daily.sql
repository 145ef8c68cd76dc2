-- Grain: one row per segmentation, segment and date; zero days included.
-- Counts of one date add up over the segments of one segmentation, never over dates.

with

spans as {{ inlined() }} (

    select * from {{ ref('fct_customer_segment_spans') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

segments as (

    select
        segmentation,
        segment

    from {{ ref('dim_segments') }}

    where
        not is_flow_only
        and segmentation in (select spans.segmentation from spans)

),

steps as (

    select
        segmentation,
        segment,
        valid_from as date_day,
        1 as step

    from spans

    union all

    select
        segmentation,
        segment,
        valid_to as date_day,
        -1 as step

    from spans

    where valid_to is not null

),

steps_by_date as (

    select
        segmentation,
        segment,
        date_day,
        sum(step) as step

    from steps

    group by 1, 2, 3

),

counted as (

    -- The spine is dense, so a frame in rows is a frame in days.
    select
        segments.segmentation,
        segments.segment,
        dates.date_day,
        cast(
            sum(coalesce(steps_by_date.step, 0)) over (
                partition by segments.segmentation, segments.segment
                order by dates.date_day
                rows between unbounded preceding and current row
            ) as bigint
        ) as customer_count

    from segments
    cross join dates
    left join steps_by_date
        on
            segments.segmentation = steps_by_date.segmentation
            and segments.segment = steps_by_date.segment
            and dates.date_day = steps_by_date.date_day

),

final as (

    select
        segmentation,
        segment,
        date_day,
        customer_count,
        {{ ratio(
            'customer_count',
            'sum(customer_count) over (partition by segmentation, date_day)'
        ) }} as customer_share

    from counted

)

select * from final
