-- Grain: one row per club.

select
    club,
    sum(net_amount) as net_amount

from {{ ref('customer_ops', 'dim_customers') }}

group by 1
