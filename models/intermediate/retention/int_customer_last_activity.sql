-- Grain: one row per customer and activity (login, order, any) that the customer ever
-- did, from entry on.

with

days as (

    select * from {{ ref('int_customer_activity_periods') }}

    where period_grain = 'day'

),

last_dates as (

    select
        customer_key,
        max(case when has_login then period_start_date end) as last_login_date,
        max(case when has_order then period_start_date end) as last_order_date,
        max(case when is_active then period_start_date end) as last_active_date

    from days

    group by 1

),

final as (

    select
        customer_key,
        'login' as activity,
        last_login_date as last_date

    from last_dates

    where last_login_date is not null

    union all

    select
        customer_key,
        'order' as activity,
        last_order_date as last_date

    from last_dates

    where last_order_date is not null

    union all

    select
        customer_key,
        'any' as activity,
        last_active_date as last_date

    from last_dates

    where last_active_date is not null

)

select * from final
