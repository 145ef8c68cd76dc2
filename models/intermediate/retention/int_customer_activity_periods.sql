-- Grain: one row per customer, period grain (day, week, month) and period with a login,
-- an order or activity, from entry on.
-- Orders and money add up over the periods of one grain; never over several grains.

-- A view: days are the largest table of the project and exist once already.
{{ config(materialized='view') }}

with

days as (

    select
        customer_key,
        'day' as period_grain,
        activity_date as period_start_date,
        is_login_day as has_login,
        valid_order_count > 0 as has_order,
        is_activity_day as is_active,
        net_amount

    from {{ ref('int_customer_days') }}

    where
        is_login_day
        or valid_order_count > 0
        or is_activity_day

),

periods as (

    select
        customer_key,
        period_grain,
        period_start_date,
        has_login,
        has_order,
        is_active,
        net_amount

    from {{ ref('int_customer_periods') }}

),

final as (

    select * from days

    union all

    select * from periods

)

select * from final
