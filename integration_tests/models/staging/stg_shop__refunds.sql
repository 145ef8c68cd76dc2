-- Grain: one row per return, which the company keeps in a ledger of its own.

select
    'r' || sale_no as refund_id,
    sale_no as order_id,
    cast('2024-01-08 12:00:00' as timestamp) as refunded_at,
    cast('2024-01-08' as date) as refund_date,
    cast(total / 4 as decimal(18, 2)) as amount

from {{ ref('sales') }}

where sale_no = 's1'
