-- Grain: one row per rule of a segmentation that is read from dated behaviours.
-- A rule holds on a date while the behaviour occurred min_count times, on min_days
-- dates, worth min_amount, within the last window_days dates. Churn status is such a
-- rule too: active on churn_after_days + 1 dates, the day of activity being the first.

with

stage_rules as (

    select * from {{ ref('stage_rules') }}

),

rules as (

    select
        framework as segmentation,
        stage_code as segment,
        stage_rank as segment_rank,
        behaviour,
        min_count,
        min_days,
        window_days,
        min_amount

    from stage_rules

    union all

    select
        'churn_status' as segmentation,
        'active' as segment,
        2 as segment_rank,
        'churn_activity' as behaviour,
        1 as min_count,
        1 as min_days,
        {{ var('churn_after_days') }} + 1 as window_days,
        0 as min_amount

),

final as (

    select
        *,

        -- Frameworks share conditions; each is computed once.
        dense_rank() over (
            order by behaviour, min_count, min_days, window_days, min_amount
        ) as condition_id,

        -- k distinct days need no sum: the k-th last day decides. The window pass looks
        -- back 1 and 2 days, for logins 8 and 20, what the rules ask; any other rule is
        -- summed.
        min_amount <= 0
        and min_count <= min_days
        and (
            min_days in (1, 2)
            or (behaviour = 'login' and min_days in (8, 20))
        ) as is_counted_in_days

    from rules

)

select * from final
