-- Grain: one row per cohort basis, activity, period grain, cohort, channel (and all;
-- channels at month grain only) and last period number of its members.
-- Members add up over the period numbers and channels, not over activities or grains.

with

members as (

    select * from {{ ref('int_cohort_members') }}

),

last_activity as (

    select * from {{ ref('int_customer_last_activity') }}

),

offsets as (

    select * from {{ ref('int_retention_offsets') }}

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

last_numbers as (

    select
        members.cohort_basis,
        last_activity.activity,
        members.period_grain,
        members.cohort_start_date,
        members.channel,

        -- Who returns after the curve's end was still there at its last point.
        least(
            {{ period_offset(
                'members.period_grain',
                'members.cohort_start_date',
                'last_activity.last_date'
            ) }},
            offsets.max_offset
        ) as last_period_number

    from members
    inner join offsets on members.period_grain = offsets.period_grain
    inner join last_activity
        on
            members.customer_key = last_activity.customer_key
            and members.cohort_start_date <= last_activity.last_date

),

counted as (

    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        channel,
        last_period_number,
        count(*) as customer_count

    from last_numbers

    group by 1, 2, 3, 4, 5, 6

),

final as (

    select
        counted.cohort_basis,
        counted.activity,
        counted.period_grain,
        counted.cohort_start_date,
        channels.channel,
        counted.last_period_number,
        cast(sum(counted.customer_count) as bigint) as customer_count

    from counted
    inner join channels
        on {{ is_retention_channel('counted') }}

    group by 1, 2, 3, 4, 5, 6

)

select * from final
