-- Grain: one row per risk rule, observation date and customer who matches it then.
-- A feature that is not known matches no condition.

with

features as (

    select * from {{ ref('int_customer_risk_features') }}

),

rules as (

    select * from {{ ref('int_risk_rules') }}

),

final as (

    select
        rules.rule_id,
        features.observation_date,
        features.customer_id,
        features.customer_key,
        features.is_mature,
        features.churned_within_horizon

    from features
    inner join rules on {{ matches_risk_rule('features', 'rules') }}

)

select * from final
