-- Grain: one row, always: the last and the first date the warehouse knows.
-- Registrations, orders, logins and events set it; refunds, referrals and spend follow.

{{ config(materialized='table') }}

with

dated_rows as (

    select
        registration_date as row_date,
        true as brings_customer
    from {{ ref('base_shop__users') }}
    where reason_code is null
    union all
    select
        order_date as row_date,
        true as brings_customer
    from {{ ref('base_shop__orders') }}
    where reason_code is null
    union all
    select
        login_date as row_date,
        false as brings_customer
    from {{ ref('base_shop__logins') }}
    where reason_code is null
    union all
    select
        event_date as row_date,
        false as brings_customer
    from {{ ref('base_shop__events') }}
    where reason_code is null

),

bounds as (

    select
        coalesce(
            cast({{ text_literal(var('as_of_date')) }} as date), max(row_date)
        ) as requested_date,
        min(row_date) as history_start_date,
        min(case when brings_customer then row_date end) as first_customer_date

    from dated_rows

),

final as (

    -- Nobody to tell of by the as-of date (it lies before the first customer, or only
    -- anonymous events came in): the warehouse is empty, and that is no error.
    select
        requested_date,
        case when requested_date >= first_customer_date then requested_date end
            as as_of_date,
        case when requested_date >= first_customer_date then history_start_date end
            as history_start_date

    from bounds

)

select * from final
