-- A customer without a label on a snapshot date, or with one that no list knows, would
-- be missing from every count of that segmentation.

with

existing as (

    select
        customers.customer_id,
        snapshots.snapshot_date

    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_restated_snapshots') }} as snapshots
        on customers.entry_date <= snapshots.snapshot_date

),

labels as (

    {% for segmentation in snapshot_segmentations() -%}
    select
        customer_id,
        snapshot_date,
        '{{ segmentation }}' as segmentation,
        {{ segmentation }} as segment

    from {{ ref('int_customer_snapshot_labels') }}

    {{ 'union all' if not loop.last }}

    {% endfor %}
),

known as (

    select
        labels.customer_id,
        labels.snapshot_date,
        count(*) as label_count

    from labels
    inner join {{ ref('dim_segments') }} as segments
        on
            labels.segmentation = segments.segmentation
            and labels.segment = segments.segment
            and not segments.is_flow_only

    group by 1, 2

)

select
    coalesce(existing.customer_id, known.customer_id) as customer_id,
    coalesce(existing.snapshot_date, known.snapshot_date) as snapshot_date,
    known.label_count

from existing
full outer join known
    on
        existing.customer_id = known.customer_id
        and existing.snapshot_date = known.snapshot_date

where
    existing.customer_id is null
    or known.label_count is null
    or known.label_count <> {{ snapshot_segmentations() | length }}
