-- Idle days of the as-of snapshot are counted in another way than those of a customer;
-- where they differ, somebody is churned in one table and served first in the other.

with

activity as (

    select * from {{ ref('int_customer_snapshot_activity') }}

    where snapshot_date = {{ as_of_date() }}

)

select
    customers.customer_id,
    customers.idle_days,
    activity.idle_days as snapshot_idle_days,
    customers.is_churned,
    customers.operating_priority

from {{ ref('dim_customers') }} as customers
left join activity on customers.customer_id = activity.customer_id

where
    activity.customer_id is null
    or activity.idle_days <> customers.idle_days
    or customers.is_churned <> (customers.operating_priority = 'churned')
