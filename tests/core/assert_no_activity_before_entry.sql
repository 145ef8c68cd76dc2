-- A day before entry would put a customer into retention and churn figures of a time in
-- which he is in nobody's base.

select
    customer_days.customer_id,
    customer_days.activity_date,
    customers.entry_date

from {{ ref('fct_customer_days') }} as customer_days
inner join {{ ref('dim_customers') }} as customers
    on customer_days.customer_id = customers.customer_id

where
    customer_days.activity_date < customers.entry_date
    and (customer_days.is_activity_day or customer_days.is_churn_activity_day)
