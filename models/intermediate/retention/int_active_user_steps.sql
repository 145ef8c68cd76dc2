-- Grain: one row per date on which the customers active on the date, within 7 or within
-- 30 dates change.
-- Steps add up over dates: their sum up to a date is the number of customers on it.

with

gaps as (

    select
        period_start_date as activity_date,
        gap_periods as gap_days,
        customer_count

    from {{ ref('int_period_gaps') }}

    where population = 'active' and period_grain = 'day'

),

-- An activity day covers the dates whose window holds it. Who is covered already by the
-- day before is not counted again, and the cover of the day before does not end.
steps as (

    select
        activity_date as date_day,
        customer_count as day_step,
        case when gap_days < 7 then 0 else customer_count end as week_step,
        case when gap_days < 30 then 0 else customer_count end as month_step

    from gaps

    {% for step, days in {'week': 7, 'month': 30}.items() -%}
    union all

    select
        {{ add_days('activity_date', days) }} as date_day,
        0 as day_step,
        {{ '-customer_count' if step == 'week' else 0 }} as week_step,
        {{ '-customer_count' if step == 'month' else 0 }} as month_step

    from gaps

    union all

    select
        {{ add_days('activity_date', days ~ ' - gap_days') }} as date_day,
        0 as day_step,
        {{ 'customer_count' if step == 'week' else 0 }} as week_step,
        {{ 'customer_count' if step == 'month' else 0 }} as month_step

    from gaps

    where gap_days < {{ days }}

    {% endfor -%}

),

final as (

    select
        date_day,
        sum(day_step) as day_step,
        sum(week_step) as week_step,
        sum(month_step) as month_step

    from steps

    group by 1

)

select * from final
