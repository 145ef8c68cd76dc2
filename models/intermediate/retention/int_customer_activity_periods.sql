-- Grain: one row per customer, period grain (day, week, month) and period with a login,
-- an order or activity, from entry on.
-- Orders and money add up over the periods of one grain; never over several grains.

-- A view: days are the largest table of the project and exist once already.
{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('int_customers') }}

),

days as (

    select
        customer_days.customer_key,
        'day' as period_grain,
        customer_days.activity_date as period_start_date,
        customer_days.login_count > 0 as has_login,
        customer_days.valid_order_count > 0 as has_order,
        customer_days.is_activity_day as is_active,
        customer_days.net_amount

    from {{ ref('int_customer_days') }} as customer_days
    inner join customers
        on
            customer_days.customer_key = customers.customer_key
            and customer_days.activity_date >= customers.entry_date

    where
        customer_days.login_count > 0
        or customer_days.valid_order_count > 0
        or customer_days.is_activity_day

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
