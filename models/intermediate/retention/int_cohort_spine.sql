-- Grain: one row per cohort basis, activity, period grain, cohort, channel (and all;
-- channels at month grain only) and period number that has begun.
-- Members add up over cohorts and channels, never over period numbers or activities.

with

cohorts as (

    select * from {{ ref('int_cohort_sizes') }}

),

periods as (

    select * from {{ ref('int_periods') }}

),

offsets as (

    select * from {{ ref('int_retention_offsets') }}

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
        cohorts.cohort_basis,
        activities.activity,
        cohorts.period_grain,
        cohorts.cohort_start_date,
        cohorts.channel,
        cast(periods.period_index - cohorts.cohort_index as integer) as period_number,
        cohorts.cohort_customer_count,
        periods.is_complete as is_mature

    from cohorts
    inner join offsets on cohorts.period_grain = offsets.period_grain
    inner join periods
        on
            cohorts.period_grain = periods.period_grain
            and periods.period_index >= cohorts.cohort_index
            and periods.period_index <= cohorts.cohort_index + offsets.max_offset
    cross join activities

)

select * from final
