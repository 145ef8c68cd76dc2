-- Idle days are counted from the last activity, churn is read from spans: if they part,
-- one of the two tells customers they are gone while they are here.

select
    customer_id,
    idle_days,
    is_churned

from {{ ref('dim_customers') }}

where is_churned <> (idle_days > {{ var('churn_after_days') }})
