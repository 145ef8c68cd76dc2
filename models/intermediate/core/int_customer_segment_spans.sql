-- Grain: one row per segmentation, customer and date from which a segment holds.
-- Borders after the as-of date are planned: they come true if nothing else happens, so
-- that the passing of time alone needs no new computation.

with

customers as (

    select * from {{ ref('int_customers') }}

),

-- Millions of points are sorted by segmentation; a number sorts faster than a name.
segmentations as (

    select
        *,
        cast(row_number() over (order by segmentation) as integer) as segmentation_key

    from (
        select distinct
            segmentation,
            case segmentation when 'churn_status' then 'churned' else 'none' end
                as default_segment
        from {{ ref('int_segment_rules') }}
        union all
        select
            'rfm_type' as segmentation,
            'unscored' as default_segment
    ) as segmentation_defaults

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

numbered_points as {{ inlined() }} (

    select
        segmentations.segmentation_key,
        points.customer_key,
        points.point_date,
        points.point_date <= customers.entry_date as is_up_to_entry,
        coalesce(points.segment, segmentations.default_segment) as segment

    from points
    inner join customers on points.customer_key = customers.customer_key
    inner join segmentations on points.segmentation = segmentations.segmentation

),

-- What happened before entry counts from entry on: the last state before it wins, and
-- any of them wins over the default.
entry_states as (

    select
        segmentation_key,
        customer_key,
        segment,
        row_number() over (
            partition by segmentation_key, customer_key
            order by point_date desc
        ) as recency_rank

    from numbered_points

    where is_up_to_entry

),

states as (

    select
        segmentations.segmentation_key,
        customers.customer_key,
        customers.entry_date as valid_from,
        coalesce(entry_states.segment, segmentations.default_segment) as segment

    from customers
    cross join segmentations
    left join entry_states
        on
            segmentations.segmentation_key = entry_states.segmentation_key
            and customers.customer_key = entry_states.customer_key
            and entry_states.recency_rank = 1

    union all

    select
        segmentation_key,
        customer_key,
        point_date as valid_from,
        segment

    from numbered_points

    where not is_up_to_entry

),

followed as (

    select
        *,
        lag(segment) over (
            partition by segmentation_key, customer_key
            order by valid_from
        ) as previous_segment

    from states

),

spans as (

    select
        segmentation_key,
        customer_key,
        segment,
        valid_from,
        lead(valid_from) over (
            partition by segmentation_key, customer_key
            order by valid_from
        ) as valid_to

    from followed

    where previous_segment is null or previous_segment <> segment

),

final as (

    select
        segmentations.segmentation,
        customers.customer_id,
        spans.segment,
        spans.valid_from,
        spans.valid_to

    from spans
    inner join customers on spans.customer_key = customers.customer_key
    inner join segmentations
        on spans.segmentation_key = segmentations.segmentation_key

)

select * from final
