-- Grain: one row per segmentation, customer and date from which a segment holds.
-- The spans of a customer cover every date from entry to the as-of date exactly once:
-- valid_from <= a date < valid_to (or valid_to is null) answers "as of" questions.

-- A view: the spans exist once, in the tables of stages and of labels. Spark's readers
-- are better served by a folder for each segmentation.
{{ config(
    materialized='table' if target.type == 'spark' else 'view',
    partition_by=['segmentation'] if target.type == 'spark' else none
) }}

with

stage_spans as (

    select
        stage_spans.segmentation,
        customers.customer_id,
        stage_spans.segment,
        stage_spans.valid_from,
        stage_spans.valid_to

    from {{ ref('int_customer_stage_spans') }} as stage_spans
    inner join {{ ref('int_customers') }} as customers
        on stage_spans.customer_key = customers.customer_key

),

spans as (

    select * from stage_spans
    union all
    select * from {{ ref('int_customer_label_spans') }}

),

final as (

    select
        segmentation,
        customer_id,
        segment,
        valid_from,
        case when valid_to <= {{ as_of_date() }} then valid_to end as valid_to,
        valid_to is null or valid_to > {{ as_of_date() }} as is_current

    from spans

    where valid_from <= {{ as_of_date() }}

)

select * from final
