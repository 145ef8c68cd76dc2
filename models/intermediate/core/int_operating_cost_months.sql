-- Grain: one row per calendar month, type of cost and customer; no customer where the
-- cost is shared.

with

operating_costs as (

    select * from {{ ref('stg_shop__operating_costs') }}

),

final as (

    select
        {{ month_start('cost_date') }} as month_start_date,
        cost_type,
        customer_id,
        cast(sum(amount) as decimal(18, 2)) as cost_amount

    from operating_costs

    group by 1, 2, 3

)

select * from final
