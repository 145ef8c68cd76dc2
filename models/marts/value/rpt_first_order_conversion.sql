-- Grain: one row per registration month and channel (and all); empty months included.
-- Counts add up over months and channels; rates and days never do.

{%- set window_days = var('first_order_window_days') %}

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

activations as (

    select * from {{ ref('int_registration_activations') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

activation_medians as (

    select * from {{ ref('int_activation_medians') }}

),

channels as (

    select 'all' as channel

    union

    select customer_channel from activations

),

counted as (

    select
        activations.cohort_month,
        channel_rollup.channel,
        count(*) as registered_count,
        sum(case when activations.is_converted then 1 else 0 end) as converted_count,
        {{ quantile('case when is_converted then activation_days end', 0.5) }}
            as activation_days_median,
        {{ quantile('case when is_converted then activation_days end', 0.75) }}
            as activation_days_p75,
        {{ quantile('case when is_converted then activation_days end', 0.9) }}
            as activation_days_p90

    from activations
    inner join channel_rollup
        on activations.customer_channel = channel_rollup.customer_channel

    group by 1, 2

),

cohorts as (

    select
        months.period_start_date as cohort_month,
        channels.channel,
        {{ is_mature(
            'months.period_start_date', window_days
        ) }} as is_mature

    from months
    cross join channels

),

final as (

    select
        cohorts.cohort_month,
        cohorts.channel,
        cast(coalesce(counted.registered_count, 0) as bigint) as registered_count,
        cast(coalesce(counted.converted_count, 0) as bigint) as converted_count,
        case
            when cohorts.is_mature
                then {{ ratio('counted.converted_count', 'counted.registered_count') }}
        end as first_order_conversion_rate,
        case when cohorts.is_mature then counted.activation_days_median end
            as activation_days_median,
        case when cohorts.is_mature then counted.activation_days_p75 end
            as activation_days_p75,
        case when cohorts.is_mature then counted.activation_days_p90 end
            as activation_days_p90,
        activation_medians.activation_days_km_median,
        cohorts.is_mature

    from cohorts
    left join counted
        on
            cohorts.cohort_month = counted.cohort_month
            and cohorts.channel = counted.channel
    left join activation_medians
        on
            cohorts.cohort_month = activation_medians.cohort_month
            and cohorts.channel = activation_medians.channel

)

select * from final
