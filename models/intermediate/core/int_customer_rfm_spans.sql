-- Grain: one row per customer and date from which an RFM type holds.
-- The label of a month end holds until the next; the as-of snapshot never enters
-- history, or the next day would restate it.

with

customers as (

    select * from {{ ref('int_customers') }}

),

labels as (

    select
        customer_id,
        entry_date as valid_from,
        'unscored' as segment,
        0 as label_rank

    from customers

    union all

    select
        customer_id,
        snapshot_date as valid_from,
        rfm_type as segment,
        1 as label_rank

    from {{ ref('int_customer_rfm_scores') }}

    where is_month_end

),

-- A customer can enter on a month end; its label wins over none.
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, valid_from
            order by label_rank desc
        ) as wins_rank

    from labels

),

followed as (

    select
        customer_id,
        valid_from,
        segment,
        lag(segment) over (
            partition by customer_id
            order by valid_from
        ) as previous_segment

    from ranked

    where wins_rank = 1

),

final as (

    select
        'rfm_type' as segmentation,
        customer_id,
        segment,
        valid_from,
        lead(valid_from) over (
            partition by customer_id
            order by valid_from
        ) as valid_to

    from followed

    where previous_segment is null or previous_segment <> segment

)

select * from final
