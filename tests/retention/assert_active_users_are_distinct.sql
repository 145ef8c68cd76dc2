-- The sweep never looks at customers; counted one by one, nobody may be in a window
-- twice or missing, or stickiness is wrong without looking it (R-19).

with

snapshots as (

    select snapshot_date from {{ ref('int_snapshot_dates') }}

),

activity_days as (

    select
        customer_id,
        activity_date

    from {{ ref('fct_customer_days') }}

    where is_activity_day

),

counted as (

    select
        snapshots.snapshot_date,
        count(distinct activity_days.customer_id) as mau_count,
        count(
            distinct case
                when
                    activity_days.activity_date
                    > {{ add_days('snapshots.snapshot_date', -7) }}
                    then activity_days.customer_id
            end
        ) as wau_count

    from snapshots
    left join activity_days
        on
            activity_days.activity_date <= snapshots.snapshot_date
            and activity_days.activity_date
            > {{ add_days('snapshots.snapshot_date', -30) }}

    group by 1

)

select
    active_users.*,
    counted.wau_count as counted_wau_count,
    counted.mau_count as counted_mau_count

from {{ ref('rpt_active_users') }} as active_users
inner join counted on active_users.date_day = counted.snapshot_date

where
    active_users.wau_count <> counted.wau_count
    or active_users.mau_count <> counted.mau_count
