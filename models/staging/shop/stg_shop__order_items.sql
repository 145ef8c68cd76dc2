-- Grain: one row per accepted line of an accepted order.

with

order_items as (

    select * from {{ ref('base_shop__order_items') }}

    where reason_code is null

),

final as (

    select
        order_id,
        line_number,
        item_id,
        category,
        quantity,
        unit_price,
        unit_cost,
        plan_level

    from order_items

)

select * from final
