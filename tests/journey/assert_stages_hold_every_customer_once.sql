-- A customer in two stages of a framework, or in none of them, breaks every share: the
-- stages with `none` must divide the customers who exist on the date.

with

customers as (

    select
        dates.date_day,
        count(customers.customer_id) as customer_count

    from {{ ref('dim_dates') }} as dates
    left join {{ ref('int_customers') }} as customers
        on dates.date_day >= customers.entry_date

    -- One date a month shows a broken partition; every day would cost days x customers.
    where dates.date_day = dates.month_start_date

    group by 1

),

stages as (

    select
        framework,
        date_day,
        sum(customer_count) as customer_count

    from {{ ref('rpt_aipl_stage_counts') }}

    group by 1, 2

)

select
    stages.framework,
    customers.date_day,
    stages.customer_count,
    customers.customer_count as expected_customer_count

from customers
inner join stages on customers.date_day = stages.date_day

where stages.customer_count <> customers.customer_count
