-- Two spans of one segment in a row would be a move that nobody made.

with

spans as (

    select
        segmentation,
        customer_id,
        segment,
        valid_from,
        lag(segment) over (
            partition by segmentation, customer_id
            order by valid_from
        ) as previous_segment

    from {{ ref('fct_customer_segment_spans') }}

)

select * from spans

where segment = previous_segment
