-- Grain: one row per customer, behaviour, date of occurrence and date of change.
-- Everything a segment rule can ask for. Only orders change after their date: a refund
-- is a row with no occurrence and a negative amount.

{{ config(materialized='view') }}

with

customer_days as (

    select * from {{ ref('int_customer_days') }}

),

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

    union all

    select
        customer_key,
        'login' as behaviour,
        activity_date,
        activity_date as change_date,
        login_count as occurrence_count,
        0 as amount

    from customer_days

    where login_count > 0

    union all

    select
        customer_key,
        'exposure' as behaviour,
        activity_date,
        activity_date as change_date,
        exposure_count as occurrence_count,
        0 as amount

    from customer_days

    where exposure_count > 0

    union all

    select
        customer_key,
        'browse' as behaviour,
        activity_date,
        activity_date as change_date,
        browse_count as occurrence_count,
        0 as amount

    from customer_days

    where browse_count > 0

    union all

    -- Entering is the first sign of life: nobody churns before having been seen.
    select
        customer_key,
        'churn_activity' as behaviour,
        activity_date,
        activity_date as change_date,
        1 as occurrence_count,
        0 as amount

    from customer_days

    where is_churn_activity_day

    union all

    select
        customers.customer_key,
        'churn_activity' as behaviour,
        customers.entry_date as activity_date,
        customers.entry_date as change_date,
        1 as occurrence_count,
        0 as amount

    from customers
    left join customer_days
        on
            customers.customer_key = customer_days.customer_key
            and customers.entry_date = customer_days.activity_date
            and customer_days.is_churn_activity_day

    where customer_days.customer_key is null

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
