-- Grain: one row per accepted login.

with

logins as (

    select * from {{ ref('base_shop__logins') }}

    where reason_code is null

),

final as (

    select
        customer_id,
        login_at,
        login_date

    from logins

)

select * from final
