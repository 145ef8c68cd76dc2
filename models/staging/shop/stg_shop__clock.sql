-- Grain: one row, always: the last and the first date the warehouse knows.
-- Registrations, orders, logins and events set it; refunds, referrals and spend follow.

{{ config(materialized='table') }}

with

dated_rows as (

    select registration_date as row_date
    from {{ ref('base_shop__users') }}
    where reason_code is null
    union all
    select order_date
    from {{ ref('base_shop__orders') }}
    where reason_code is null
    union all
    select login_date
    from {{ ref('base_shop__logins') }}
    where reason_code is null
    union all
    select event_date
    from {{ ref('base_shop__events') }}
    where reason_code is null

),

bounds as (

    select
        coalesce(
            cast({{ text_literal(var('as_of_date')) }} as date), max(row_date)
        ) as as_of_date,
        min(row_date) as history_start_date

    from dated_rows

),

final as (

    -- An as-of date before the first row leaves an empty warehouse, not an error.
    select
        case when as_of_date >= history_start_date then as_of_date end as as_of_date,
        case when as_of_date >= history_start_date then history_start_date end
            as history_start_date

    from bounds

)

select * from final
