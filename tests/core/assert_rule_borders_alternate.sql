-- A condition that begins twice before it ends would be counted as two and keep its
-- stage open for ever.

with

borders as (

    select * from {{ ref('int_rule_borders_by_days') }}
    union all
    select * from {{ ref('int_rule_borders_by_sums') }}

),

neighbours as (

    select
        customer_key,
        condition_id,
        border_date,
        step,
        lag(step) over customer_borders as previous_step,
        lead(step) over customer_borders as next_step

    from borders

    window
        customer_borders as (
            partition by customer_key, condition_id
            order by border_date
        )

)

select * from neighbours

where
    step = coalesce(previous_step, -1)
    -- Every window ends: what began is planned to cease.
    or (next_step is null and step <> -1)
