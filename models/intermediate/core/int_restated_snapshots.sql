-- Grain: one row per snapshot date that this build measures again.
-- What is measured of a snapshot is relative to all customers, so it is measured of
-- them all; the as-of date in every build. The snapshots before stay as stored.

with

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

restatement as (

    select * from {{ ref('int_restatement') }}

),

final as (

    select
        snapshots.snapshot_date,
        snapshots.is_month_end

    from snapshots
    inner join restatement on snapshots.snapshot_date >= restatement.snapshots_from

)

select * from final
