-- Grain: one row per segmentation, customer and date from which a segment holds.
-- Borders after the as-of date are planned: they come true if nothing else happens, so
-- that the passing of time alone needs no new computation. A span that ended before a
-- customer's changes begin stays as it is.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_changed',
    incremental_predicates=['valid_to is null or valid_to >= changes.changed_from'],
    post_hook='{{ sign() }}',
    partition_by=['segmentation'] if target.type == 'spark' else none,
) }}

with

-- The first date that is computed: entry, or where the customer's changes begin.
customers as (

    select
        customers.customer_key,
        case
            when customers.entry_date < changes.changed_from then changes.changed_from
            else customers.entry_date
        end as first_date,
        changes.changed_from

    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_customer_changes') }} as changes
        on customers.customer_key = changes.customer_key

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
    ) as segmentation_defaults

),

points as (

    select * from {{ ref('int_customer_stage_points') }}

),

numbered_points as {{ inlined() }} (

    select
        segmentations.segmentation_key,
        points.customer_key,
        points.point_date,
        points.point_date <= customers.first_date as is_up_to_first_date,
        coalesce(points.segment, segmentations.default_segment) as segment

    from points
    inner join customers on points.customer_key = customers.customer_key
    inner join segmentations on points.segmentation = segmentations.segmentation

),

-- What happened up to the first date counts from it on: the last state wins, and any of
-- them wins over the default.
first_states as (

    select
        segmentation_key,
        customer_key,
        segment,
        row_number() over (
            partition by segmentation_key, customer_key
            order by point_date desc
        ) as recency_rank

    from numbered_points

    where is_up_to_first_date

),

{% if is_incremental() -%}
-- The stored span that reaches up to the first date goes on if its segment does.
reaching_spans as (

    select
        segmentations.segmentation_key,
        stored.customer_key,
        stored.valid_from,
        stored.segment

    from {{ this }} as stored
    inner join customers on stored.customer_key = customers.customer_key
    inner join segmentations on stored.segmentation = segmentations.segmentation

    where
        stored.valid_from < customers.changed_from
        and (stored.valid_to is null or stored.valid_to >= customers.changed_from)

),

{% endif -%}
-- No state follows itself: a point is a change, and so is a first state that differs
-- from the stored span before it.
states as (

    select
        segmentations.segmentation_key,
        customers.customer_key,
        customers.first_date as valid_from,
        coalesce(first_states.segment, segmentations.default_segment) as segment

    from customers
    cross join segmentations
    left join first_states
        on
            segmentations.segmentation_key = first_states.segmentation_key
            and customers.customer_key = first_states.customer_key
            and first_states.recency_rank = 1
    {% if is_incremental() -%}
    left join reaching_spans
        on
            segmentations.segmentation_key = reaching_spans.segmentation_key
            and customers.customer_key = reaching_spans.customer_key

    where
        reaching_spans.segment is null
        or reaching_spans.segment
        <> coalesce(first_states.segment, segmentations.default_segment)

    union all

    select * from reaching_spans
    {%- endif %}

    union all

    select
        segmentation_key,
        customer_key,
        point_date as valid_from,
        segment

    from numbered_points

    where not is_up_to_first_date

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

    from states

),

final as (

    select
        segmentations.segmentation,
        spans.customer_key,
        spans.segment,
        spans.valid_from,
        spans.valid_to

    from spans
    inner join segmentations
        on spans.segmentation_key = segmentations.segmentation_key

)

select * from final
