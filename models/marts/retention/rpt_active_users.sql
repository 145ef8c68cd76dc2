-- Grain: one row per date from the first of history to the as-of date.
-- Distinct customers never add up over dates.

with

gaps as (

    select * from {{ ref('int_activity_gaps') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

-- An activity day covers the dates whose window holds it, up to the next one of the same
-- customer: +1 on the day, -1 where the cover ends, and nobody is counted twice.
steps as (

    select
        activity_date as date_day,
        customer_count as day_step,
        customer_count as week_step,
        customer_count as month_step

    from gaps

    union all

    select
        {{ add_days('activity_date', 'case when gap_days < 7 then gap_days else 7 end') }}
            as date_day,
        0 as day_step,
        -customer_count as week_step,
        0 as month_step

    from gaps

    union all

    select
        {{ add_days('activity_date', 'gap_days') }} as date_day,
        0 as day_step,
        0 as week_step,
        -customer_count as month_step

    from gaps

),

steps_by_date as (

    select
        date_day,
        sum(day_step) as day_step,
        sum(week_step) as week_step,
        sum(month_step) as month_step

    from steps

    group by 1

),

counted as (

    select
        dates.date_day,
        cast(coalesce(steps_by_date.day_step, 0) as bigint) as dau_count,
        cast(sum(coalesce(steps_by_date.week_step, 0)) over until_date as bigint)
            as wau_count,
        cast(sum(coalesce(steps_by_date.month_step, 0)) over until_date as bigint)
            as mau_count,
        sum(coalesce(steps_by_date.day_step, 0)) over last_30_dates as dau_sum

    from dates
    left join steps_by_date on dates.date_day = steps_by_date.date_day

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
        cast(dau_count as double) / nullif(mau_count, 0) as stickiness_rate,
        cast(dau_sum as double) / 30 / nullif(mau_count, 0) as average_stickiness_rate,
        {{ add_days('date_day', -29) }} >= {{ history_start_date() }}
            as has_full_window

    from counted

)

select * from final
