-- The rate comes from a sweep over window borders: one wrong border would bend it from
-- then on. At the as-of date it must be what counting the window's orders gives.

with

window_buyers as (

    select
        customer_id,
        count(*) as order_count

    from {{ ref('fct_orders') }}

    where
        is_valid
        and {{ in_window('order_date', as_of_date(), var('repurchase_window_days')) }}

    group by 1

),

counted as (

    select
        {{ ratio('sum(case when order_count >= 2 then 1 else 0 end)', 'count(*)') }}
            as repurchase_rate

    from window_buyers

),

last_periods as (

    select
        period_grain,
        max(period_start_date) as period_start_date

    from {{ ref('rpt_commerce_periods') }}

    group by 1

)

select
    periods.period_grain,
    periods.repurchase_rate,
    counted.repurchase_rate as expected_repurchase_rate

from {{ ref('rpt_commerce_periods') }} as periods
inner join last_periods
    on
        periods.period_grain = last_periods.period_grain
        and periods.period_start_date = last_periods.period_start_date
cross join counted

where
    periods.channel = 'all'
    and coalesce(periods.repurchase_rate, -1) <> coalesce(counted.repurchase_rate, -1)
