-- Grain: one row per date up to which BG/NBD and Gamma-Gamma see orders: the as-of
-- date, and that of the back-test where history is long enough.

with

dates as (

    select date_day from {{ ref('dim_dates') }}

),

backtest as (

    select max(date_day) as fit_date

    from dates

    where
        date_day = {{ month_end('date_day') }}
        and {{ days_between('date_day', as_of_date()) }}
        >= 30 * {{ var('backtest_months') }}

),

final as (

    select date_day as fit_date

    from dates

    where date_day = {{ as_of_date() }}

    union all

    select fit_date

    from backtest

    where fit_date is not null

)

select * from final
