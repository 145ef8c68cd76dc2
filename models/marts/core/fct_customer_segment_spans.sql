-- Grain: one row per segmentation, customer and date from which a segment holds.
-- The spans of a customer cover every date from entry to the as-of date exactly once:
-- valid_from <= a date < valid_to (or valid_to is null) answers "as of" questions.

with

spans as (

    select * from {{ ref('int_customer_segment_spans') }}

    where valid_from <= {{ as_of_date() }}

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

)

select * from final
