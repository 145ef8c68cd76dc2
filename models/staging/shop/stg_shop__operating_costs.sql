-- Grain: one row per accepted cost up to the as-of date.

with

operating_costs as (

    select * from {{ ref('base_shop__operating_costs') }}

    where
        reason_code is null
        and cost_date <= {{ as_of_date() }}

),

final as (

    select
        cost_id,
        cost_date,
        cost_type,
        amount,
        customer_id

    from operating_costs

)

select * from final
