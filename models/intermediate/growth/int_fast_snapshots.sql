-- Grain: one row per snapshot date, with the counts behind FAST.
-- States of a date and moves since the date before: never sum over dates.

with

snapshot_dates as (

    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as start_date,
        is_month_end
        and coalesce(lag(is_month_end) over (order by snapshot_date), true)
            as is_complete

    from {{ ref('int_snapshot_dates') }}

),

crowds as (

    select
        counts.date_day as snapshot_date,
        sum(counts.customer_count) as customer_count,
        sum(counts.customer_count * fast_weights.weight) as weighted_count

    from {{ ref('rpt_segment_counts_daily') }} as counts
    inner join {{ ref('fast_weights') }} as fast_weights
        on counts.segment = fast_weights.stage_code

    where counts.segmentation = 'AIPL'

    group by 1

),

advances as (

    select * from {{ ref('int_aipl_advances') }}

),

super_users as (

    select
        snapshot_date,
        count(*) as customer_count,
        sum(weight) as weighted_count

    from {{ ref('int_super_users') }}

    group by 1

),

thriving_super_users as (

    select
        snapshot_date,
        count(*) as customer_count

    from {{ ref('int_thriving_super_users') }}

    group by 1

),

final as (

    select
        snapshot_dates.snapshot_date,
        snapshot_dates.start_date,
        snapshot_dates.is_complete,
        cast(coalesce(crowds.customer_count, 0) as bigint) as fertility_count,
        cast(coalesce(crowds.weighted_count, 0) as bigint)
            as fertility_weighted_count,
        advances.start_count,
        advances.advanced_count,
        advances.advanced_weighted_count,
        cast(coalesce(super_users.customer_count, 0) as bigint)
            as superiority_count,
        cast(coalesce(super_users.weighted_count, 0) as bigint)
            as superiority_weighted_count,
        cast(coalesce(thriving_super_users.customer_count, 0) as bigint)
            as thriving_count

    from snapshot_dates
    left join crowds on snapshot_dates.snapshot_date = crowds.snapshot_date
    left join advances
        on
            snapshot_dates.start_date = advances.start_date
            and snapshot_dates.snapshot_date = advances.snapshot_date
    left join super_users on snapshot_dates.snapshot_date = super_users.snapshot_date
    left join thriving_super_users
        on snapshot_dates.snapshot_date = thriving_super_users.snapshot_date

)

select * from final
