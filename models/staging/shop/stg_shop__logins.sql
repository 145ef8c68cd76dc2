-- Grain: one row per accepted login.

with

logins as (

    select * from {{ ref('base_shop__logins') }}

    where reason_code is null

),

final as (

    select
        login_id,
        customer_id,
        user_id,
        login_at,
        login_date,
        device,
        app

    from logins

)

select * from final
