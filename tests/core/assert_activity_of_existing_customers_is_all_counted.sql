-- A login or an event that gets lost on the way to the customer days makes its customer
-- look idle, and in the end churned.

with

customers as (

    select customer_id

    from {{ ref('dim_customers') }}

),

logins as (

    select count(*) as row_count

    from {{ ref('stg_shop__logins') }}

    where
        login_date <= {{ as_of_date() }}
        and customer_id in (select customers.customer_id from customers)

),

events as (

    select count(*) as row_count

    from {{ ref('stg_shop__events') }}

    where
        event_date <= {{ as_of_date() }}
        and customer_id in (select customers.customer_id from customers)

),

counted as (

    select
        coalesce(sum(login_count), 0) as login_count,
        coalesce(sum(event_count), 0) as event_count

    from {{ ref('fct_customer_days') }}

)

select
    counted.*,
    logins.row_count as accepted_login_count,
    events.row_count as accepted_event_count

from counted
cross join logins
cross join events

where
    counted.login_count <> logins.row_count
    or counted.event_count <> events.row_count
