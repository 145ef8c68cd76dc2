-- Grain: one row per customer with an account.
-- What the first account says of a customer holds; what it leaves open, the next
-- account that says it fills in. Channel and campaign are the first account's alone.

{%- set filled = [
    'gender',
    'birth_year',
    'city_tier',
    'region',
    'profile_completion_pct',
    'friend_count',
    'contacts_imported',
    'member_since',
    'company_industry',
    'company_size',
] + own_columns('users') %}

with

users as (

    select * from {{ ref('stg_shop__users') }}

),

later_accounts as (

    select
        *,

        -- user_id breaks the tie of two registrations in one instant.
        row_number() over (
            partition by customer_id
            order by registered_at, user_id
        ) as account_number

    from users

    where user_id <> customer_id

),

filled_in as (

    select
        {% for name in filled -%}
        {{ first_known(name, 'account_number') }} as {{ name }},
        {% endfor -%}
        customer_id

    from later_accounts

    group by customer_id

),

final as (

    select
        users.customer_id,
        users.registered_at,
        users.registration_date,
        {% for name in filled -%}
        coalesce(users.{{ name }}, filled_in.{{ name }}) as {{ name }},
        {% endfor -%}
        users.channel,
        users.campaign

    from users
    left join filled_in on users.customer_id = filled_in.customer_id

    where users.user_id = users.customer_id

)

select * from final
