-- The present stage is read in two places; a reader who compares them must find one.

with

customers as (

    select * from {{ ref('dim_customers') }}

),

stated as (

    select
        customer_id,
        'AIPL' as segmentation,
        aipl_stage as segment
    from customers
    union all
    select
        customer_id,
        'AIPLA' as segmentation,
        aipla_stage as segment
    from customers
    union all
    select
        customer_id,
        '4A' as segmentation,
        stage_4a as segment
    from customers
    union all
    select
        customer_id,
        '5A' as segmentation,
        stage_5a as segment
    from customers
    union all
    select
        customer_id,
        '5R' as segmentation,
        stage_5r as segment
    from customers
    union all
    select
        customer_id,
        'JOURNEY' as segmentation,
        journey_stage as segment
    from customers
    union all
    select
        customer_id,
        'churn_status' as segmentation,
        churn_status as segment
    from customers

),

current_spans as (

    select * from {{ ref('fct_customer_segment_spans') }}

    where is_current

)

select
    current_spans.customer_id,
    current_spans.segmentation,
    stated.segment as stated_segment,
    current_spans.segment as span_segment

from current_spans
inner join stated
    on
        current_spans.customer_id = stated.customer_id
        and current_spans.segmentation = stated.segmentation

where
    stated.segment is null
    or stated.segment <> current_spans.segment
