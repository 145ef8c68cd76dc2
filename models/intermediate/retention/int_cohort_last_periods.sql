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

last_dates as (

    select
        customer_id,
        'login' as activity,
        last_login_date as last_date

    from last_activity

    union all

    select
        customer_id,
        'order' as activity,
        last_order_date as last_date

    from last_activity

    union all

    select
        customer_id,
        'any' as activity,
        last_activity_date as last_date

    from last_activity

),

last_numbers as (

    select
        members.cohort_basis,
        last_dates.activity,
        members.period_grain,
        members.cohort_start_date,
        members.channel,
        {{ period_offset(
            'members.period_grain', 'members.cohort_start_date', 'last_dates.last_date'
        ) }} as last_period_number

    from members
    inner join last_dates on members.customer_id = last_dates.customer_id

    where last_dates.last_date >= members.cohort_start_date

),

capped as (

    select
        last_numbers.cohort_basis,
        last_numbers.activity,
        last_numbers.period_grain,
        last_numbers.cohort_start_date,
        last_numbers.channel,

        -- Who returns after the curve's end was still there at its last point.
        case
            when last_numbers.last_period_number > offsets.max_offset
                then offsets.max_offset
            else last_numbers.last_period_number
        end as last_period_number

    from last_numbers
    inner join offsets on last_numbers.period_grain = offsets.period_grain

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

    from capped

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
