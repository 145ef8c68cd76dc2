-- Grain: one row per accepted event.
-- An event without a user belongs to whom its anonymous id was linked to, if anybody.

with

events as (

    select * from {{ ref('base_shop__events') }}

    where reason_code is null

),

linked_accounts as (

    select * from {{ ref('stg_shop__linked_accounts') }}

),

anonymous_ids as (

    select * from {{ ref('stg_shop__anonymous_ids') }}

),

final as (

    select
        coalesce(
            linked_accounts.customer_id, events.user_id, anonymous_ids.customer_id
        ) as customer_id,
        events.event_name,
        events.event_at,
        events.event_date,
        events.rating,
        events.event_value

    from events
    left join linked_accounts on events.user_id = linked_accounts.user_id
    left join anonymous_ids on events.anonymous_id = anonymous_ids.anonymous_id

)

select * from final
