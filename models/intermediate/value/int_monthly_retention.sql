-- Grain: one row, always: the share of registered customers active in the month after
-- that of their registration, over all cohorts old enough.

with

customers as (

    select
        customer_key,
        {{ add_days(month_end('registration_date'), 1) }} as next_month

    from {{ ref('int_customers') }}

    where registration_date is not null

),

active_months as (

    select
        customer_key,
        period_start_date as month_start_date

    from {{ ref('int_customer_periods') }}

    where period_grain = 'month' and is_active

),

mature_customers as (

    select * from customers

    where {{ month_end('next_month') }} <= {{ as_of_date() }}

),

final as (

    select
        {{ ratio('count(active_months.customer_key)', 'count(*)') }}
            as monthly_retention_rate

    from mature_customers
    left join active_months
        on
            mature_customers.customer_key = active_months.customer_key
            and mature_customers.next_month = active_months.month_start_date

)

select * from final
