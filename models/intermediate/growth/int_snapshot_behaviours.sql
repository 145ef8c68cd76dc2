-- Grain: one row per customer and snapshot date with a follow, a share or an accepted
-- referral that can make a super user then.
-- Windows of neighbouring snapshots overlap: never sum over dates.

with

behaviour_days as (

    select
        customer_key,
        activity_date,
        follow_count,
        share_count,
        referral_accepted_count

    from {{ ref('int_behaviour_days_widened') }}

    where
        follow_count > 0
        or share_count > 0
        or referral_accepted_count > 0

),

snapshot_dates as (

    select * from {{ ref('int_snapshot_dates') }}

),

final as (

    select
        behaviour_days.customer_key,
        snapshot_dates.snapshot_date,
        cast(sum(behaviour_days.follow_count) as bigint) as follow_count,
        cast(sum(behaviour_days.share_count) as bigint) as share_count,
        cast(sum(behaviour_days.referral_accepted_count) as bigint)
            as referral_accepted_count

    from behaviour_days
    inner join snapshot_dates
        on
            behaviour_days.activity_date <= snapshot_dates.snapshot_date
            and {{ in_window(
                'behaviour_days.activity_date',
                'snapshot_dates.snapshot_date',
                super_user_window_days()
            ) }}

    group by 1, 2

)

select * from final
