-- Grain: one row per accepted assignment to a variant up to the as-of date.

with

experiments as (

    select * from {{ ref('base_shop__experiments') }}

    where
        reason_code is null
        and assigned_date <= {{ as_of_date() }}

),

final as (

    select
        experiment_id,
        customer_id,
        variant,
        assigned_at,
        assigned_date

    from experiments

)

select * from final
