-- Grain: one row per segmentation, customer and date from which a segment holds.
-- Borders after the as-of date are planned: they come true if nothing else happens, so
-- that the passing of time alone needs no new computation.

with

customers as (

    select * from {{ ref('int_customers') }}

),

segment_defaults as (

    select distinct
        segmentation,
        case segmentation when 'churn_status' then 'churned' else 'none' end as segment

    from {{ ref('int_segment_rules') }}

    union all

    select
        'rfm_type' as segmentation,
        'unscored' as segment

),

-- The label of a month end holds until the next; the as-of snapshot never enters
-- history, or the next day would restate it.
snapshot_points as (

    select
        'rfm_type' as segmentation,
        customers.customer_key,
        scores.snapshot_date as point_date,
        scores.rfm_type as segment

    from {{ ref('int_customer_rfm_scores') }} as scores
    inner join customers on scores.customer_id = customers.customer_id

    where scores.is_month_end

),

points as (

    select
        segmentation,
        customer_key,
        point_date,
        segment

    from {{ ref('int_customer_stage_points') }}

    union all

    select * from snapshot_points

),

points_since_entry as (

    select
        customers.customer_key,
        segment_defaults.segmentation,
        segment_defaults.segment,
        customers.entry_date as valid_from,
        cast(null as date) as point_date

    from customers
    cross join segment_defaults

    union all

    select
        points.customer_key,
        points.segmentation,
        coalesce(points.segment, segment_defaults.segment) as segment,
        case
            when points.point_date < customers.entry_date then customers.entry_date
            else points.point_date
        end as valid_from,
        points.point_date

    from points
    inner join customers on points.customer_key = customers.customer_key
    inner join segment_defaults on points.segmentation = segment_defaults.segmentation

),

-- What happened before entry counts from entry on: the last state before it wins, and
-- any of them wins over the default.
last_of_date as (

    select
        *,
        row_number() over (
            partition by segmentation, customer_key, valid_from
            order by point_date desc nulls last
        ) as recency_rank

    from points_since_entry

),

changes as (

    select
        segmentation,
        customer_key,
        segment,
        valid_from,
        lag(segment) over (
            partition by segmentation, customer_key
            order by valid_from
        ) as previous_segment

    from last_of_date

    where recency_rank = 1

),

final as (

    select
        changes.segmentation,
        customers.customer_id,
        changes.segment,
        changes.valid_from,
        lead(changes.valid_from) over (
            partition by changes.segmentation, changes.customer_key
            order by changes.valid_from
        ) as valid_to

    from changes
    inner join customers on changes.customer_key = customers.customer_key

    where
        changes.previous_segment is null
        or changes.previous_segment <> changes.segment

)

select * from final
