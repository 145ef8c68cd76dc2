-- Grain: one row per period grain (day, week, month) and period, without gaps.

with

dates as (

    select * from {{ ref('dim_dates') }}

),

periods as (

    select
        'day' as period_grain,
        date_day as period_start_date,
        is_complete_day as is_complete

    from dates

    union all

    select distinct
        'week' as period_grain,
        week_start_date as period_start_date,
        is_complete_week as is_complete

    from dates

    union all

    select distinct
        'month' as period_grain,
        month_start_date as period_start_date,
        is_complete_month as is_complete

    from dates

),

final as (

    select
        period_grain,
        period_start_date,
        is_complete,

        -- Because no period is missing, the difference of two indexes is an offset.
        row_number() over (
            partition by period_grain
            order by period_start_date
        ) as period_index

    from periods

)

select * from final
