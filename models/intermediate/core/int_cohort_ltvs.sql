-- Grain: one row per first-order month, channel (and all) and month since that has
-- begun, empty cohorts included.
-- Amounts are cumulative: they add up over cohorts and channels, never over offsets.

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

channels as (

    select 'all' as channel

    union

    select channel from channel_rollup

),

cohort_margins as (

    select * from {{ ref('int_cohort_margins') }}

),

offsets as (

    select
        months.period_start_date as cohort_month,
        channels.channel,
        {{ months_between(
            'months.period_start_date', 'later_months.period_start_date'
        ) }} as month_offset,
        later_months.is_complete as is_mature

    from months
    inner join months as later_months
        on months.period_start_date <= later_months.period_start_date
    cross join channels

),

cumulated as (

    -- The first order of every member has offset 0: the size is there from the start.
    select
        offsets.cohort_month,
        offsets.channel,
        offsets.month_offset,
        offsets.is_mature,
        sum(coalesce(cohort_margins.customer_count, 0)) over cohort_life
            as cohort_customer_count,
        sum(coalesce(cohort_margins.margin_amount, 0)) over cohort_life
            as cumulative_margin_amount

    from offsets
    left join cohort_margins
        on
            offsets.cohort_month = cohort_margins.cohort_month
            and offsets.channel = cohort_margins.channel
            and offsets.month_offset = cohort_margins.month_offset

    window
        cohort_life as (
            partition by offsets.cohort_month, offsets.channel
            order by offsets.month_offset
        )

),

final as (

    select
        cohort_month,
        channel,
        cast(month_offset as integer) as month_offset,
        cast(cohort_customer_count as bigint) as cohort_customer_count,
        {{ as_double('cumulative_margin_amount') }} as cumulative_margin_amount,
        case
            when is_mature
                then {{ ratio('cumulative_margin_amount', 'cohort_customer_count') }}
        end as ltv_amount,
        is_mature

    from cumulated

)

select * from final
