-- Grain: one row per segmentation, customer and date from which a snapshot label holds.
-- The label of a month end holds until the next; the as-of snapshot never enters
-- history, or the next day would restate it. A span that ended before the snapshots
-- that are measured again stays as it is.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['valid_from >= snapshots_from'],
    unique_key=['segmentation', 'customer_id', 'valid_from'],
    post_hook='{{ sign() }}',
) }}

with

customers as (

    select * from {{ ref('int_customers') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

    where is_snapshot_label

),

month_ends as (

    select snapshot_date from {{ ref('int_restated_snapshots') }}

    where is_month_end

),

-- All labels of a customer side by side: one sort finds the changes of every one.
followed as (

    select
        labels.*,
        {% for segmentation in snapshot_segmentations() -%}
        lag(labels.{{ segmentation }}) over customer_history
            as previous_{{ segmentation }},
        {% endfor -%}
        customers.entry_date

    from {{ ref('int_customer_snapshot_labels') }} as labels
    inner join customers on labels.customer_id = customers.customer_id

    where labels.is_month_end

    window
        customer_history as (
            partition by labels.customer_id
            order by labels.snapshot_date
        )

),

label_changes as (

    {% for segmentation in snapshot_segmentations() -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        entry_date,
        snapshot_date as valid_from,
        {{ segmentation }} as segment,
        previous_{{ segmentation }} as previous_segment

    from followed

    where
        previous_{{ segmentation }} is null
        or previous_{{ segmentation }} <> {{ segmentation }}

    {{ 'union all' if not loop.last }}

    {% endfor %}
),

-- Stored spans that reach the snapshots that are measured again, and may go on in them.
reaching_spans as (

    {% if is_incremental() -%}
    select
        segmentation,
        customer_id,
        segment,
        valid_from,
        valid_to

    from {{ this }}

    where
        valid_from < {{ restated_snapshots_from() }}
        and (
            valid_to >= {{ restated_snapshots_from() }}
            or (
                valid_to is null
                and (segmentation, customer_id) in (
                    select
                        label_changes.segmentation,
                        label_changes.customer_id
                    from label_changes
                )
            )
        )
    {%- else -%}
    select
        segmentation,
        customer_id,
        segment,
        valid_from,
        valid_from as valid_to

    from label_changes

    where false
    {%- endif %}

),

-- Nobody is measured between entry and the next month end, so all begin in the lowest
-- segment, unless they enter on a month end.
states as (

    select
        segmentations.segmentation,
        customers.customer_id,
        segmentations.default_segment as segment,
        customers.entry_date as valid_from

    from customers
    cross join segmentations
    left join month_ends on customers.entry_date = month_ends.snapshot_date

    where
        month_ends.snapshot_date is null
        and customers.entry_date >= {{ restated_snapshots_from() }}

    union all

    select
        label_changes.segmentation,
        label_changes.customer_id,
        label_changes.segment,
        label_changes.valid_from

    from label_changes
    inner join segmentations
        on label_changes.segmentation = segmentations.segmentation
    left join reaching_spans
        on
            label_changes.segmentation = reaching_spans.segmentation
            and label_changes.customer_id = reaching_spans.customer_id

    where
        label_changes.previous_segment is not null
        or label_changes.valid_from = label_changes.entry_date
        or label_changes.segment
        <> coalesce(reaching_spans.segment, segmentations.default_segment)

),

-- Of the stored spans, only those that end elsewhere now are written again.
continued_states as (

    select * from states

    union all

    select
        segmentation,
        customer_id,
        segment,
        valid_from

    from reaching_spans

    where
        valid_to is not null
        or (segmentation, customer_id) in (
            select
                states.segmentation,
                states.customer_id
            from states
        )

),

final as (

    select
        segmentation,
        customer_id,
        segment,
        valid_from,
        lead(valid_from) over (
            partition by segmentation, customer_id
            order by valid_from
        ) as valid_to

    from continued_states

)

select * from final
