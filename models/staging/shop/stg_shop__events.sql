-- Grain: one row per accepted event.

with

events as (

    select * from {{ ref('base_shop__events') }}

    where reason_code is null

),

final as (

    select
        customer_id,
        event_name,
        event_at,
        event_date,
        rating,
        event_value

    from events

)

select * from final
