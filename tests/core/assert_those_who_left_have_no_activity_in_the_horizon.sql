-- A label that sees a day too few or too many makes every rule look better or worse
-- than it is. Looked up day by day, who is said to have left has done nothing.

with

returned as (

    select distinct
        features.observation_date,
        features.customer_key

    from {{ ref('int_customer_risk_features') }} as features
    inner join {{ ref('int_customer_days') }} as customer_days
        on
            features.customer_key = customer_days.customer_key
            and features.observation_date < customer_days.activity_date
            and customer_days.activity_date
            <= {{ add_days('features.observation_date', var('risk_horizon_days')) }}

    where customer_days.is_churn_activity_day

)

select
    features.observation_date,
    features.customer_id,
    features.churned_within_horizon

from {{ ref('int_customer_risk_features') }} as features
left join returned
    on
        features.observation_date = returned.observation_date
        and features.customer_key = returned.customer_key

where
    features.is_mature
    and features.churned_within_horizon <> (returned.customer_key is null)
