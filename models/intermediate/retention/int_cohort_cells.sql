-- Grain: one row per cohort basis, activity, period grain, cohort, channel (and all;
-- channels at month grain only) and period number in which members did the activity.
-- Members add up over channels and cohorts, never over period numbers.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['period_start_date >= periods_from'],
    post_hook='{{ sign() }}',
) }}

with

cohort_activity as (

    select * from {{ ref('int_cohort_activity') }}

    where period_start_date >= {{ restated_periods_from() }}

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

counted as (

    select
        cohort_basis,
        period_grain,
        cohort_start_date,
        channel,
        period_number,
        period_start_date,
        sum(case when has_login then 1 else 0 end) as login_customer_count,
        sum(case when has_order then 1 else 0 end) as order_customer_count,
        sum(case when is_active then 1 else 0 end) as active_customer_count,
        sum(net_amount) as net_amount

    from cohort_activity

    group by 1, 2, 3, 4, 5, 6

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
        channels.channel,
        counted.period_number,
        counted.period_start_date,
        cast(
            sum(
                case activities.activity
                    when 'login' then counted.login_customer_count
                    when 'order' then counted.order_customer_count
                    when 'any' then counted.active_customer_count
                end
            ) as bigint
        ) as customer_count,
        cast(sum(counted.net_amount) as decimal(18, 2)) as net_amount

    from counted
    cross join activities
    inner join channels
        on {{ is_retention_channel('counted') }}

    group by 1, 2, 3, 4, 5, 6, 7

)

select * from final
