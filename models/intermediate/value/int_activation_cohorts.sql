-- Grain: one row per registration month and channel (and all) of registered customers.
-- Quantiles are to date here; whether the month is old enough is for the report to say.

with

activations as (

    select * from {{ ref('int_registration_activations') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

final as (

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

)

select * from final
