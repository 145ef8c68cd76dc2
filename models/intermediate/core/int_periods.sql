-- Grain: one row per period grain (day, week, month, quarter) and period of history.

with

dates as (

    select * from {{ ref('dim_dates') }}

),

dates_of_periods as (

    select
        'day' as period_grain,
        date_day as period_start_date,
        date_day,
        is_complete_day as is_complete

    from dates

    union all

    select
        'week' as period_grain,
        week_start_date as period_start_date,
        date_day,
        is_complete_week as is_complete

    from dates

    union all

    select
        'month' as period_grain,
        month_start_date as period_start_date,
        date_day,
        is_complete_month as is_complete

    from dates

    union all

    select
        'quarter' as period_grain,
        quarter_start_date as period_start_date,
        date_day,
        is_complete_quarter as is_complete

    from dates

),

final as (

    select
        period_grain,
        period_start_date,
        is_complete,
        max(date_day) as last_date,

        -- Because no period is missing, the difference of two indexes is an offset.
        row_number() over (
            partition by period_grain
            order by period_start_date
        ) as period_index

    from dates_of_periods

    group by 1, 2, 3

)

select * from final
