-- Grain: one row per accepted event.

with

events as (

    select * from {{ ref('base_shop__events') }}

    where reason_code is null

),

final as (

    select
        event_id,
        customer_id,
        user_id,
        anonymous_id,
        event_name,
        event_at,
        event_date,
        page,
        channel,
        campaign,
        session_id,
        item_id,
        category,
        entry_source,
        target_user_id,
        rating,
        event_value

    from events

)

select * from final
