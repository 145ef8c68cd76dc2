-- Grain: one row per account that is accepted or excluded.
-- The one place that says which customer an account belongs to: joining accounts with
-- each other changes customer_id here and nothing else. An excluded account has none.

with

users as (

    select * from {{ ref('base_shop__users') }}

),

accepted as (

    select
        user_id,
        user_id as customer_id,
        registered_at,
        registration_date,
        normalised_email

    from users

    where reason_code is null

),

excluded as (

    select distinct
        users.user_id,
        {{ as_text('null') }} as customer_id,
        cast(null as timestamp) as registered_at,
        cast(null as date) as registration_date,
        {{ as_text('null') }} as normalised_email

    from users
    left join accepted on users.user_id = accepted.user_id

    where
        users.is_excluded
        and users.user_id is not null
        and accepted.user_id is null

),

final as (

    select * from accepted
    union all
    select * from excluded

)

select * from final
