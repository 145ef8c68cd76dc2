-- Grain: one row per account that is accepted or excluded.
-- Says which customer an account belongs to; an excluded account has none. Logins,
-- orders and events, which are many, ask stg_shop__linked_accounts for the few moved.

{{ config(materialized='table') }}

with

accounts as (

    select * from {{ ref('base_shop__accounts') }}

),

linked_accounts as (

    select * from {{ ref('stg_shop__linked_accounts') }}

),

final as (

    select
        accounts.user_id,
        accounts.is_accepted,
        case
            when accounts.is_accepted
                then coalesce(linked_accounts.customer_id, accounts.user_id)
        end as customer_id,
        coalesce(linked_accounts.customer_registered_at, accounts.registered_at)
            as customer_registered_at

    from accounts
    left join linked_accounts on accounts.user_id = linked_accounts.user_id

)

select * from final
