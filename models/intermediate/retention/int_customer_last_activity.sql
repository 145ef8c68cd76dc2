-- Grain: one row per customer and activity (login, order, any) that the customer ever
-- did, from entry on.

-- A view: read once.
{{ config(materialized='view') }}

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
        max(case when is_active then period_start_date end) as last_any_date

    from days

    group by 1

),

final as (

    {% for activity in ['login', 'order', 'any'] -%}
    select
        customer_key,
        '{{ activity }}' as activity,
        last_{{ activity }}_date as last_date
    from last_dates
    where last_{{ activity }}_date is not null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

)

select * from final
