-- Grain: one row per segmentation and pair of dates between which flows are measured.
-- From the day before history to the first month end, from each snapshot date to the
-- next, and over the last thirty days.

with

snapshot_dates as (

    select * from {{ ref('int_snapshot_dates') }}

),

clock as (

    select * from {{ ref('stg_shop__clock') }}

    where as_of_date is not null

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

bounds as (

    select
        {{ add_days('history_start_date', -1) }} as day_before_history,
        {{ add_days('as_of_date', -30) }} as trend_start_date,
        as_of_date

    from clock

),

first_month_end as (

    select min(snapshot_date) as date_to

    from snapshot_dates

    where is_month_end

),

consecutive as (

    select
        lag(snapshot_date) over (order by snapshot_date) as date_from,
        snapshot_date as date_to

    from snapshot_dates

),

pairs as (

    select
        bounds.day_before_history as date_from,
        first_month_end.date_to

    from bounds
    cross join first_month_end

    where first_month_end.date_to is not null

    union distinct
    select * from consecutive
    where date_from is not null

    union distinct
    select
        trend_start_date as date_from,
        as_of_date as date_to

    from bounds

),

final as (

    select
        segmentations.segmentation,
        segmentations.absent_segment,
        pairs.date_from,
        pairs.date_to,
        pairs.date_to = {{ month_end('pairs.date_to') }}
        and (
            pairs.date_from = {{ month_end('pairs.date_from') }}
            or pairs.date_from = bounds.day_before_history
        ) as is_complete

    from pairs
    cross join bounds
    cross join segmentations

    -- A snapshot label is known at month ends only: between other dates it would show
    -- moves that nobody made.
    where
        not segmentations.is_snapshot_label
        or (
            pairs.date_to in (
                select snapshot_dates.snapshot_date
                from snapshot_dates
                where snapshot_dates.is_month_end
            )
            and (
                pairs.date_from = bounds.day_before_history
                or pairs.date_from in (
                    select snapshot_dates.snapshot_date
                    from snapshot_dates
                    where snapshot_dates.is_month_end
                )
            )
        )

)

select * from final
