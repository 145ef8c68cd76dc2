-- Grain: one row per customer and date on which the customer did anything.
-- Counts add up over any dates; days with a behaviour have to be counted, not summed.

{{ config(materialized='view') }}

with

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

behaviour_days as (

    select * from {{ ref('int_behaviour_days_widened') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

final as (

    select
        customers.customer_id,
        customer_days.activity_date,
        customer_days.is_activity_day,
        customer_days.is_churn_activity_day,
        customer_days.login_count,
        customer_days.last_login_at,
        customer_days.valid_order_count,
        customer_days.net_amount,
        customer_days.event_count,
        {% for behaviour in counted_behaviours() -%}
        coalesce(behaviour_days.{{ behaviour }}_count, 0) as {{ behaviour }}_count,
        {% endfor -%}
        customer_days.exposure_count,
        customer_days.browse_count

    from customer_days
    inner join customers on customer_days.customer_key = customers.customer_key
    left join behaviour_days
        on
            customer_days.customer_key = behaviour_days.customer_key
            and customer_days.activity_date = behaviour_days.activity_date

)

select * from final
