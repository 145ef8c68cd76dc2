-- One number of active customers a period, whichever table is read.

with

histogram as (

    select
        period_grain,
        period_start_date,
        sum(customer_count) as active_count

    from {{ ref('rpt_active_periods') }}

    group by 1, 2

    union all

    select
        'day' as period_grain,
        date_day as period_start_date,
        dau_count as active_count

    from {{ ref('rpt_active_users') }}

)

select
    accounting.period_grain,
    accounting.period_start_date,
    accounting.active_customer_count,
    histogram.active_count

from {{ ref('rpt_growth_accounting') }} as accounting
left join histogram
    on
        accounting.period_grain = histogram.period_grain
        and accounting.period_start_date = histogram.period_start_date

where
    accounting.population = 'active'
    and accounting.channel = 'all'
    and accounting.active_customer_count <> coalesce(histogram.active_count, 0)
