-- Grain: one row per cohort basis, period grain, cohort and channel (and all; channels
-- at month grain only), cohorts without members included.
-- Members add up over cohorts and channels, never over bases or grains.

with

periods as (

    select * from {{ ref('int_periods') }}

    where period_grain <> 'quarter'

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

members as (

    select * from {{ ref('int_cohort_members') }}

),

bases as (

    select 'registration' as cohort_basis
    union all
    select 'first_order' as cohort_basis

),

cohorts as (

    select
        bases.cohort_basis,
        periods.period_grain,
        periods.period_start_date as cohort_start_date,
        periods.period_index as cohort_index,
        channels.channel

    from periods
    cross join bases
    inner join channels
        on channels.channel = 'all' or periods.period_grain = 'month'

),

counted as (

    select
        members.cohort_basis,
        members.period_grain,
        members.cohort_start_date,
        channels.channel,
        count(*) as customer_count

    from members
    inner join channels
        on {{ is_retention_channel('members') }}

    group by 1, 2, 3, 4

),

final as (

    select
        cohorts.cohort_basis,
        cohorts.period_grain,
        cohorts.cohort_start_date,
        cohorts.cohort_index,
        cohorts.channel,
        cast(coalesce(counted.customer_count, 0) as bigint) as cohort_customer_count

    from cohorts
    left join counted
        on
            cohorts.cohort_basis = counted.cohort_basis
            and cohorts.period_grain = counted.period_grain
            and cohorts.cohort_start_date = counted.cohort_start_date
            and cohorts.channel = counted.channel

)

select * from final
