-- Grain: one row per account that is accepted or excluded.
-- Raw rows are judged by whether their account is there, not by whose it is: that
-- depends on the as-of date, which is not known before they are judged.

with

users as (

    select * from {{ ref('base_shop__users') }}

),

accepted as (

    select
        user_id,
        true as is_accepted,
        registered_at,
        registration_date

    from users

    where reason_code is null

),

excluded as (

    select distinct
        users.user_id,
        false as is_accepted,
        cast(null as timestamp) as registered_at,
        cast(null as date) as registration_date

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
