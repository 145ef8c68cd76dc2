-- Grain: one row per registration month and channel (and all) of registered customers.
-- Who has not ordered yet is no failure but unfinished: E. L. Kaplan and P. Meier,
-- "Nonparametric Estimation from Incomplete Observations", 1958.

with

activations as (

    select * from {{ ref('int_registration_activations') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

days as (

    select
        activations.cohort_month,
        channel_rollup.channel,
        activations.observed_days,
        count(*) as customer_count,
        sum(case when activations.is_activated then 1 else 0 end) as activated_count

    from activations
    inner join channel_rollup
        on activations.customer_channel = channel_rollup.customer_channel

    group by 1, 2, 3

),

at_risk as (

    select
        cohort_month,
        channel,
        observed_days,
        activated_count,
        sum(customer_count) over (
            partition by cohort_month, channel
            order by observed_days desc
        ) as at_risk_count

    from days

),

survival as (

    -- A product as a sum of logarithms; nobody is left where all at risk activate. The
    -- rounding undoes what logarithms do to an exact half.
    select
        cohort_month,
        channel,
        observed_days,
        case
            when activated_count = at_risk_count then 0
            else {{ rounded(
                'exp(sum(ln(nullif(1 - ' ~ ratio('activated_count', 'at_risk_count')
                ~ ', 0))) over until_day)', 12
            ) }}
        end as survival_rate

    from at_risk

    window
        until_day as (
            partition by cohort_month, channel
            order by observed_days
        )

),

final as (

    select
        cohort_month,
        channel,
        cast(min(case when survival_rate <= 0.5 then observed_days end) as integer)
            as activation_days_km_median

    from survival

    group by 1, 2

)

select * from final
