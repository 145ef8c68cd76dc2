-- The spans are the labels of the month ends in another form: where they differ, "what
-- was this customer then" has two answers.

with

labels as (

    {% for segmentation in snapshot_segmentations() -%}
    select
        customer_id,
        snapshot_date,
        '{{ segmentation }}' as segmentation,
        {{ segmentation }} as segment

    from {{ ref('int_customer_snapshot_labels') }}

    where is_month_end

    {{ 'union all' if not loop.last }}

    {% endfor %}
),

spans as (

    select * from {{ ref('fct_customer_segment_spans') }}

)

select
    labels.*,
    spans.segment as span_segment

from labels
left join spans
    on
        labels.segmentation = spans.segmentation
        and labels.customer_id = spans.customer_id
        and labels.snapshot_date >= spans.valid_from
        -- An "or" in an outer join compares every label with every span.
        and labels.snapshot_date < coalesce(spans.valid_to, date '9999-12-31')

where
    spans.segment is null
    or spans.segment <> labels.segment
