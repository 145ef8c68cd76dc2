-- Grain: one row per accepted login.

with

logins as (

    select * from {{ ref('base_shop__logins') }}

    where reason_code is null

),

linked_accounts as (

    select * from {{ ref('stg_shop__linked_accounts') }}

),

final as (

    select
        coalesce(linked_accounts.customer_id, logins.user_id) as customer_id,
        logins.login_at,
        logins.login_date

    from logins
    left join linked_accounts on logins.user_id = linked_accounts.user_id

)

select * from final
