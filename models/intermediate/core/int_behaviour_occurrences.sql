-- Grain: one row per customer, behaviour, date of occurrence and date of change.
-- Everything a segment rule can ask for. Only orders change after their date: a refund
-- is a row with no occurrence and a negative amount.

{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('int_customers') }}

),

changes as (

    select * from {{ ref('int_order_amount_changes') }}

),

behaviour_days as (

    select * from {{ ref('int_customer_behaviour_days') }}

),

final as (

    select
        customer_key,
        behaviour,
        activity_date,
        activity_date as change_date,
        occurrence_count,
        amount

    from behaviour_days

    {% for behaviour in everyday_behaviours() -%}
    union all

    select
        customer_key,
        '{{ behaviour }}' as behaviour,
        activity_date,
        activity_date as change_date,
        {{ behaviour }}_count as occurrence_count,
        0 as amount

    from {{ ref('int_everyday_behaviours') }}

    where {{ behaviour }}_count > 0

    {% endfor -%}
    union all

    select
        customers.customer_key,
        'order' as behaviour,
        changes.order_date as activity_date,
        changes.change_date,
        sum(case when changes.change_date = changes.order_date then 1 else 0 end)
            as occurrence_count,
        sum(changes.net_change_amount) as amount

    from changes
    inner join customers on changes.customer_id = customers.customer_id

    group by 1, 2, 3, 4

)

select * from final
