-- Counted afresh from the days: with another threshold or another activity than the
-- variables name, win-back money goes to customers who never left (R-06).

with

last_days as (

    select
        customer_id,
        max(activity_date) as last_activity_date

    from {{ ref('fct_customer_days') }}

    where is_churn_activity_day

    group by 1

),

idle as (

    select
        {{ days_between(
            'coalesce(last_days.last_activity_date, customers.entry_date)',
            as_of_date()
        ) }} as idle_days

    from {{ ref('int_customers') }} as customers
    left join last_days on customers.customer_id = last_days.customer_id

),

expected as (

    select
        count(*) as customer_count,
        sum(case when idle_days > {{ var('churn_after_days') }} then 1 else 0 end)
            as churned_count

    from idle

)

select
    churn.*,
    expected.churned_count as idle_count

from {{ ref('fct_churn_daily') }} as churn
cross join expected

where
    churn.date_day = {{ as_of_date() }}
    and (
        churn.customer_count <> expected.customer_count
        or churn.churned_count <> expected.churned_count
    )
