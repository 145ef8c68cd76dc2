-- Grain: one row per account that is accepted, excluded or erased; an erased one is
-- named by its hash, which no raw row holds.
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
        false as is_erased,
        registered_at,
        registration_date

    from users

    where reason_code is null

),

excluded as (

    select distinct
        users.user_id,
        false as is_accepted,
        false as is_erased,
        cast(null as timestamp) as registered_at,
        cast(null as date) as registration_date

    from users
    left join accepted on users.user_id = accepted.user_id

    where
        users.is_excluded
        and users.user_id is not null
        and accepted.user_id is null

),

erased as (

    select distinct
        user_id,
        false as is_accepted,
        true as is_erased,
        cast(null as timestamp) as registered_at,
        cast(null as date) as registration_date

    from users

    where reason_code = 'erased' and user_id is not null

),

final as (

    select * from accepted
    union all
    select * from excluded
    union all
    select * from erased

)

select * from final
