-- Grain: one row per accepted user.

with

users as (

    select * from {{ ref('base_shop__users') }}

    where reason_code is null

),

final as (

    select
        users.user_id,
        accounts.customer_id,
        users.registered_at,
        users.registration_date,
        users.channel,
        users.campaign,
        users.gender,

        -- Nobody is born after the as-of date, which is not known before the users are.
        case
            when users.birth_year <= extract(year from {{ requested_date() }})
                then users.birth_year
        end as birth_year,
        users.city_tier,
        users.region,
        users.profile_completion_pct,
        users.friend_count,
        users.contacts_imported,
        users.member_since,
        users.company_industry,
        users.company_size,
        {{ passed_on('users', 'users', is_staged=true) }}
        users.updated_at

    from users
    inner join {{ ref('stg_shop__accounts') }} as accounts
        on users.user_id = accounts.user_id

)

select * from final
