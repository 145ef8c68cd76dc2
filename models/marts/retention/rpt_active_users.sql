-- Grain: one row per date from the first of history to the as-of date.
-- Distinct customers never add up over dates.

with

steps as (

    select * from {{ ref('int_active_user_steps') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

counted as (

    select
        dates.date_day,
        cast(coalesce(steps.day_step, 0) as bigint) as dau_count,
        cast(sum(coalesce(steps.week_step, 0)) over until_date as bigint)
            as wau_count,
        cast(sum(coalesce(steps.month_step, 0)) over until_date as bigint)
            as mau_count,
        sum(coalesce(steps.day_step, 0)) over last_30_dates as dau_sum

    from dates
    left join steps on dates.date_day = steps.date_day

    window
        until_date as (
            order by dates.date_day
            rows between unbounded preceding and current row
        ),
        last_30_dates as (
            order by dates.date_day
            rows between 29 preceding and current row
        )

),

final as (

    select
        date_day,
        dau_count,
        wau_count,
        mau_count,
        {{ ratio('dau_count', 'mau_count') }} as stickiness_rate,
        {{ ratio('dau_sum', '30 * mau_count') }} as average_stickiness_rate,
        {{ add_days('date_day', -29) }} >= {{ history_start_date() }}
            as has_full_window

    from counted

)

select * from final
