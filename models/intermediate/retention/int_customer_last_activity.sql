-- Grain: one row per customer with a login, an order or activity, from entry on.

with

activity as (

    select * from {{ ref('int_customer_activity_periods') }}

    where period_grain = 'day'

),

final as (

    select
        customer_id,
        max(case when has_login then period_start_date end) as last_login_date,
        max(case when has_order then period_start_date end) as last_order_date,
        max(case when is_active then period_start_date end) as last_activity_date

    from activity

    group by 1

)

select * from final
