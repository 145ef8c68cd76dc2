-- Grain: one row per customer and snapshot date with a behaviour that FAST asks for.
-- Windows of neighbouring snapshots overlap: never sum over dates.

{% set longest_window_days = [
    super_user_window_days(), var('thriving_window_days')
] | max %}

with

behaviour_days as (

    select
        customer_key,
        activity_date,
        follow_count,
        share_count,
        referral_accepted_count,
        {{ is_taking_part() }} as is_thriving_day

    from {{ ref('int_behaviour_days_widened') }}

    where
        {{ is_taking_part() }}
        or referral_accepted_count > 0

    union all

    -- To order is to thrive, and nothing else that is asked for here.
    select
        customer_key,
        activity_date,
        0 as follow_count,
        0 as share_count,
        0 as referral_accepted_count,
        true as is_thriving_day

    from {{ ref('int_customer_days') }}

    where valid_order_count > 0

),

snapshot_dates as (

    select * from {{ ref('int_snapshot_dates') }}

),

windowed as (

    select
        behaviour_days.*,
        snapshot_dates.snapshot_date,
        {{ in_window(
            'behaviour_days.activity_date',
            'snapshot_dates.snapshot_date',
            super_user_window_days()
        ) }} as is_in_super_user_window,
        {{ in_window(
            'behaviour_days.activity_date',
            'snapshot_dates.snapshot_date',
            var('thriving_window_days')
        ) }} as is_in_thriving_window

    from behaviour_days
    inner join snapshot_dates
        on
            behaviour_days.activity_date <= snapshot_dates.snapshot_date
            and {{ in_window(
                'behaviour_days.activity_date',
                'snapshot_dates.snapshot_date',
                longest_window_days
            ) }}

),

final as (

    select
        customer_key,
        snapshot_date,
        cast(
            sum(case when is_in_super_user_window then follow_count else 0 end)
            as bigint
        ) as follow_count,
        cast(
            sum(case when is_in_super_user_window then share_count else 0 end)
            as bigint
        ) as share_count,
        cast(
            sum(
                case
                    when is_in_super_user_window then referral_accepted_count
                    else 0
                end
            ) as bigint
        ) as referral_accepted_count,
        bool_or(is_thriving_day and is_in_thriving_window) as is_thriving

    from windowed

    group by 1, 2

)

select * from final
