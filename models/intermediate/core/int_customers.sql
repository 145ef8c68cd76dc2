-- Grain: one row per customer who exists at the as-of date.
-- Dated facts after the as-of date are unknown here: who registers later and has not
-- ordered yet does not exist.

with

users as (

    select * from {{ ref('int_registered_customers') }}

),

keys as (

    select * from {{ ref('int_customer_keys') }}

),

accepted_orders as (

    select
        customer_id,
        min(order_date) as first_accepted_order_date

    from {{ ref('stg_shop__orders') }}

    where order_date <= {{ as_of_date() }}

    group by 1

),

registrations as (

    select
        customer_id,
        registered_at,
        registration_date

    from users

    where registration_date <= {{ as_of_date() }}

),

existing as (

    select
        coalesce(registrations.customer_id, accepted_orders.customer_id) as customer_id,
        registrations.registered_at,
        registrations.registration_date,
        accepted_orders.first_accepted_order_date

    from registrations
    full outer join accepted_orders
        on registrations.customer_id = accepted_orders.customer_id

),

final as (

    select
        existing.customer_id,
        keys.customer_key,
        users.customer_id is null as is_guest,
        existing.registered_at,
        existing.registration_date,

        -- least() of one null differs from engine to engine.
        case
            when
                existing.first_accepted_order_date < existing.registration_date
                then existing.first_accepted_order_date
            else
                coalesce(
                    existing.registration_date, existing.first_accepted_order_date
                )
        end as entry_date,
        coalesce(users.channel, 'unknown') as channel,
        {{ passed_on('users', 'users') }}
        case when users.member_since <= {{ as_of_date() }} then users.member_since end
            as member_since

    from existing
    inner join keys on existing.customer_id = keys.customer_id
    left join users on existing.customer_id = users.customer_id

)

select * from final
