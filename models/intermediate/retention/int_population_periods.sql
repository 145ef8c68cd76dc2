-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought.
-- Amounts add up over customers and periods of one grain; never over populations.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

with

activity as (

    select * from {{ ref('int_customer_activity_periods') }}

),

final as (

    select
        'active' as population,
        period_grain,
        customer_key,
        period_start_date,
        net_amount

    from activity

    where is_active

    union all

    select
        'buyers' as population,
        period_grain,
        customer_key,
        period_start_date,
        net_amount

    from activity

    where has_order

)

select * from final
