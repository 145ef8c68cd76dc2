-- Grain: one row per segmentation, pair of dates, segment before and segment after.
-- Counts add up over the cells of one pair, never over pairs.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['date_to >= periods_from'],
    on_schema_change='append_new_columns',
    post_hook='{{ sign() }}',
) }}

with

spans as {{ inlined() }} (

    select * from {{ ref('fct_customer_segment_spans') }}

),

pairs as (

    select * from {{ ref('int_segment_flow_pairs') }}

    where date_to >= {{ restated_periods_from() }}

),

-- Most customers stay: a span that holds on both dates is a stay by itself and needs
-- no partner, which keeps the join below small.
stays as (

    select
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        spans.segment as from_segment,
        spans.segment as to_segment,
        count(*) as customer_count,
        0 as new_customer_count

    from pairs
    inner join spans
        on
            pairs.segmentation = spans.segmentation
            and spans.valid_from <= pairs.date_from
            and (spans.valid_to is null or spans.valid_to > pairs.date_to)

    group by 1, 2, 3, 4, 5

),

left_spans as (

    select
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        spans.customer_id,
        spans.segment

    from pairs
    inner join spans
        on
            pairs.segmentation = spans.segmentation
            and spans.valid_from <= pairs.date_from
            and spans.valid_to > pairs.date_from
            and spans.valid_to <= pairs.date_to

),

entered_spans as (

    select
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        pairs.absent_segment,
        spans.customer_id,
        spans.segment

    from pairs
    inner join spans
        on
            pairs.segmentation = spans.segmentation
            and spans.valid_from > pairs.date_from
            and spans.valid_from <= pairs.date_to
            and (spans.valid_to is null or spans.valid_to > pairs.date_to)

),

-- Spans have no gaps, so who has none on the first date did not exist yet.
moves as (

    select
        entered_spans.segmentation,
        entered_spans.date_from,
        entered_spans.date_to,
        coalesce(left_spans.segment, entered_spans.absent_segment) as from_segment,
        entered_spans.segment as to_segment,
        count(*) as customer_count,
        sum(case when left_spans.customer_id is null then 1 else 0 end)
            as new_customer_count

    from entered_spans
    left join left_spans
        on
            entered_spans.segmentation = left_spans.segmentation
            and entered_spans.date_from = left_spans.date_from
            and entered_spans.date_to = left_spans.date_to
            and entered_spans.customer_id = left_spans.customer_id

    group by 1, 2, 3, 4, 5

),

cells as (

    select * from stays
    union all
    select * from moves

),

summed as (

    select
        segmentation,
        date_from,
        date_to,
        from_segment,
        to_segment,
        cast(sum(customer_count) as bigint) as customer_count,
        cast(sum(new_customer_count) as bigint) as new_customer_count

    from cells

    group by 1, 2, 3, 4, 5

),

final as (

    select
        summed.segmentation,
        summed.date_from,
        summed.date_to,
        summed.from_segment,
        summed.to_segment,
        summed.customer_count,
        {{ as_double('summed.customer_count') }} / nullif(
            sum(summed.customer_count) over (
                partition by
                    summed.segmentation,
                    summed.date_from,
                    summed.date_to,
                    summed.from_segment
            ), 0
        ) as customer_share,
        summed.new_customer_count,
        pairs.is_complete

    from summed
    inner join pairs
        on
            summed.segmentation = pairs.segmentation
            and summed.date_from = pairs.date_from
            and summed.date_to = pairs.date_to

)

select * from final
