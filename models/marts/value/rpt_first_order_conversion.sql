-- Grain: one row per registration month and channel (and all); empty months included.
-- Counts add up over months and channels; rates and days never do.

{%- set window_days = var('first_order_window_days') %}

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

activation_cohorts as (

    select * from {{ ref('int_activation_cohorts') }}

),

activation_medians as (

    select * from {{ ref('int_activation_medians') }}

),

channels as (

    select 'all' as channel

    union

    select channel from activation_cohorts

),

cohorts as (

    select
        months.period_start_date as cohort_month,
        channels.channel,
        {{ is_mature('months.period_start_date', window_days) }} as is_mature

    from months
    cross join channels

),

final as (

    select
        cohorts.cohort_month,
        cohorts.channel,
        cast(coalesce(activation_cohorts.registered_count, 0) as bigint)
            as registered_count,
        cast(coalesce(activation_cohorts.converted_count, 0) as bigint)
            as converted_count,
        case
            when cohorts.is_mature
                then {{ ratio(
                    'activation_cohorts.converted_count',
                    'activation_cohorts.registered_count'
                ) }}
        end as first_order_conversion_rate,
        case when cohorts.is_mature then activation_cohorts.activation_days_median end
            as activation_days_median,
        case when cohorts.is_mature then activation_cohorts.activation_days_p75 end
            as activation_days_p75,
        case when cohorts.is_mature then activation_cohorts.activation_days_p90 end
            as activation_days_p90,
        activation_medians.activation_days_km_median,
        cohorts.is_mature

    from cohorts
    left join activation_cohorts
        on
            cohorts.cohort_month = activation_cohorts.cohort_month
            and cohorts.channel = activation_cohorts.channel
    left join activation_medians
        on
            cohorts.cohort_month = activation_medians.cohort_month
            and cohorts.channel = activation_medians.channel

)

select * from final
