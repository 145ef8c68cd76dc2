-- Grain: one row per date on which the customers active on the date, within 7 or within
-- 30 dates change.
-- Steps add up over dates: their sum up to a date is the number of customers on it.

with

gaps as (

    select * from {{ ref('int_activity_gaps') }}

),

-- An activity day covers the dates whose window holds it, up to the next one of the
-- same customer: +1 on the day, -1 where the cover ends, and nobody is counted twice.
steps as (

    select
        activity_date as date_day,
        customer_count as day_step,
        customer_count as week_step,
        customer_count as month_step

    from gaps

    union all

    select
        {{ add_days('activity_date', 'least(gap_days, 7)') }} as date_day,
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
