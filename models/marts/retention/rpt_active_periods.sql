-- Grain: one row per period grain (week, month), period and number of active days that
-- any customer had.
-- Customers add up over the numbers of one period, never over periods.

with

customer_periods as (

    select * from {{ ref('int_customer_periods') }}

    where is_active

),

periods as (

    select * from {{ ref('int_periods') }}

),

counted as (

    select
        period_grain,
        period_start_date,
        active_day_count,
        cast(count(*) as bigint) as customer_count

    from customer_periods

    group by 1, 2, 3

),

final as (

    select
        counted.period_grain,
        counted.period_start_date,
        counted.active_day_count,
        counted.customer_count,
        periods.is_complete

    from counted
    inner join periods
        on
            counted.period_grain = periods.period_grain
            and counted.period_start_date = periods.period_start_date

)

select * from final
