-- A gap or an overlap would drop a customer from every count of its dates, or count him
-- twice; "as of" questions would have no answer, or two.

with

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

customers as (

    select
        dim_customers.customer_id,
        dim_customers.entry_date,
        segmentations.segmentation

    from {{ ref('dim_customers') }} as dim_customers
    cross join segmentations

),

spans as (

    select
        segmentation,
        customer_id,
        valid_from,
        valid_to,
        is_current,
        lag(valid_to) over customer_spans as previous_valid_to,
        row_number() over customer_spans as span_number,
        lead(valid_from) over customer_spans as next_valid_from

    from {{ ref('fct_customer_segment_spans') }}

    window
        customer_spans as (
            partition by segmentation, customer_id
            order by valid_from
        )

)

select
    coalesce(customers.segmentation, spans.segmentation) as segmentation,
    coalesce(customers.customer_id, spans.customer_id) as customer_id,
    customers.entry_date,
    spans.valid_from,
    spans.valid_to

from customers
full outer join spans
    on
        customers.segmentation = spans.segmentation
        and customers.customer_id = spans.customer_id

where
    customers.customer_id is null
    or spans.customer_id is null
    or (spans.span_number = 1 and spans.valid_from <> customers.entry_date)
    or (spans.span_number > 1 and spans.previous_valid_to is null)
    or spans.previous_valid_to <> spans.valid_from
    or spans.valid_to <= spans.valid_from
    or spans.is_current <> (spans.valid_to is null)
    or (spans.next_valid_from is null) <> spans.is_current
