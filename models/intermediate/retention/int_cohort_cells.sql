-- Grain: one row per cohort basis, activity, period grain, cohort, channel (and all;
-- channels at month grain only) and period number in which members did the activity.
-- Members add up over channels and cohorts, never over period numbers.

with

cohort_activity as (

    select * from {{ ref('int_cohort_activity') }}

),

counted as (

    select
        cohort_basis,
        period_grain,
        cohort_start_date,
        coalesce(channel, 'all') as channel,
        period_number,
        sum(case when has_login then 1 else 0 end) as login_customer_count,
        sum(case when has_order then 1 else 0 end) as order_customer_count,
        sum(case when is_active then 1 else 0 end) as active_customer_count,
        sum(net_amount) as net_amount

    from cohort_activity

    group by
        grouping sets (
            (
                cohort_basis,
                period_grain,
                cohort_start_date,
                channel,
                period_number
            ),
            (cohort_basis, period_grain, cohort_start_date, period_number)
        )

),

activities as (

    select 'login' as activity
    union all
    select 'order' as activity
    union all
    select 'any' as activity

),

final as (

    select
        counted.cohort_basis,
        activities.activity,
        counted.period_grain,
        counted.cohort_start_date,
        counted.channel,
        counted.period_number,
        cast(
            case activities.activity
                when 'login' then counted.login_customer_count
                when 'order' then counted.order_customer_count
                when 'any' then counted.active_customer_count
            end as bigint
        ) as customer_count,
        cast(counted.net_amount as decimal(18, 2)) as net_amount

    from counted
    cross join activities

    where counted.channel = 'all' or counted.period_grain = 'month'

)

select * from final
