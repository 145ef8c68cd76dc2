-- Grain: one row per accepted refund of an accepted order.

with

refunds as (

    select * from {{ ref('base_shop__refunds') }}

    where reason_code is null

),

final as (

    select
        refund_id,
        order_id,
        refunded_at,
        refund_date,
        amount,
        reason

    from refunds

)

select * from final
