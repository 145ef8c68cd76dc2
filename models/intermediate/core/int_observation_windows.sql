-- Grain: one row per observation date and date that it looks at, before and after.
-- Written down, they let days find their observations by equality instead of comparing
-- each day with every observation.

with

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

final as (

    select
        snapshots.snapshot_date as observation_date,
        dates.date_day,
        dates.date_day <= snapshots.snapshot_date as is_past,
        {{ in_window('dates.date_day', 'snapshots.snapshot_date', 7) }}
        and dates.date_day <= snapshots.snapshot_date as is_in_7_days,
        {{ in_window('dates.date_day', 'snapshots.snapshot_date', 30) }}
        and dates.date_day <= snapshots.snapshot_date as is_in_30_days,
        {{ in_window('dates.date_day', 'snapshots.snapshot_date', 365) }}
        and dates.date_day <= snapshots.snapshot_date as is_in_365_days

    from snapshots
    inner join dates
        on
            {{ in_window('dates.date_day', 'snapshots.snapshot_date', 365) }}
            and dates.date_day <= {{ add_days(
                'snapshots.snapshot_date', var('risk_horizon_days')
            ) }}

)

select * from final
