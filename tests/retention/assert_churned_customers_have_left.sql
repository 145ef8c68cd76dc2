-- Churn is published as what is left over; looked up one by one, the same customers
-- must be missing, or a retained customer is told he is gone (I-07).

with

active_months as (

    select
        customer_key,
        period_start_date

    from {{ ref('int_customer_periods') }}

    where period_grain = 'month' and is_active

),

-- The month after a date of this month, whatever its length.
left_months as (

    select
        customer_key,
        {{ add_days(month_end('period_start_date'), 1) }} as period_start_date

    from active_months

),

churned as (

    select
        left_months.period_start_date,
        count(*) as churned_count

    from left_months
    left join active_months
        on
            left_months.customer_key = active_months.customer_key
            and left_months.period_start_date = active_months.period_start_date

    where active_months.customer_key is null

    group by 1

)

select
    accounting.period_start_date,
    accounting.churned_customer_count,
    churned.churned_count

from {{ ref('rpt_growth_accounting') }} as accounting
left join churned on accounting.period_start_date = churned.period_start_date

where
    accounting.period_grain = 'month'
    and accounting.population = 'active'
    and accounting.channel = 'all'
    and accounting.churned_customer_count <> coalesce(churned.churned_count, 0)
