-- Grain: one row per date from the first of history to the as-of date.
-- Flows add up over dates; customers, churned customers and rates do not.

with

counts as (

    select * from {{ ref('int_churn_counts') }}

),

rates as (

    select
        *,
        {{ ratio('churned_count', 'customer_count') }} as churn_rate,
        {{ ratio('returned_count', 'lag(churned_count) over (order by date_day)') }}
            as return_rate

    from counts

),

sloped as (

    select
        *,
        {{ slope_of_seven('churn_rate', 'by_date') }} as churn_rate_slope

    from rates

    window by_date as (order by date_day)

),

accelerated as (

    select
        *,
        churn_rate_slope
        - lag(churn_rate_slope, 7) over (order by date_day) as churn_rate_acceleration

    from sloped

),

rounded as (

    select
        date_day,
        customer_count,
        churned_count,
        churn_rate,
        newly_churned_count,
        returned_count,
        campaign_returned_count,
        return_rate,

        -- Unrounded, the noise of a sum of doubles would make a flat curve rise.
        {{ rounded('churn_rate_slope', 12) }} as churn_rate_slope,
        {{ rounded('churn_rate_acceleration', 12) }} as churn_rate_acceleration

    from accelerated

),

final as (

    select
        *,
        case
            when churn_rate_acceleration is null then null
            when churn_rate_slope < 0 then 'improving'
            when churn_rate_slope = 0 then 'flat'
            when churn_rate_acceleration > 0 then 'accelerating'
            else 'slowing'
        end as churn_curve

    from rounded

)

select * from final
