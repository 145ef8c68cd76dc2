-- Grain: one row per risk rule.
-- Pooled over all observations whose horizon is over (mature), over those but the last
-- (train), and at the last (test).

with

rules as (

    select * from {{ ref('int_risk_rules') }}

),

observations as (

    select
        snapshot_date as observation_date,
        snapshot_date < max(snapshot_date) over () as is_training

    from {{ ref('int_snapshot_dates') }}

    where
        {{ add_days('snapshot_date', var('risk_horizon_days')) }} <= {{ as_of_date() }}

),

populations as (

    select
        observation_date,
        count(*) as customer_count,
        sum(case when churned_within_horizon then 1 else 0 end) as churned_count

    from {{ ref('int_customer_risk_features') }}

    where is_mature

    group by observation_date

),

members as (

    select
        rule_id,
        observation_date,
        count(*) as support_count,
        sum(case when churned_within_horizon then 1 else 0 end) as churned_count

    from {{ ref('int_customer_risk_matches') }}

    where is_mature

    group by rule_id, observation_date

),

-- Twice, as the whole and as its part: null stands for the whole.
totals as (

    select
        rules.rule_id,
        observations.is_training,
        max(observations.observation_date) as last_observation_date,
        coalesce(sum(members.support_count), 0) as support_count,
        coalesce(sum(members.churned_count), 0) as churned_count,
        {{ ratio('sum(members.churned_count)', 'sum(members.support_count)') }}
            as churn_probability,
        {{ ratio('sum(populations.churned_count)', 'sum(populations.customer_count)') }}
            as base_rate

    from rules
    cross join observations
    left join populations
        on observations.observation_date = populations.observation_date
    left join members
        on
            rules.rule_id = members.rule_id
            and observations.observation_date = members.observation_date

    group by grouping sets ((rules.rule_id), (rules.rule_id, observations.is_training))

),

final as (

    select
        rules.rule_id,
        rules.condition,
        cast(coalesce(pooled.support_count, 0) as bigint) as support_count,
        cast(coalesce(pooled.churned_count, 0) as bigint) as churned_count,
        pooled.churn_probability,
        {{ wilson_bound('pooled.churned_count', 'pooled.support_count', '-') }}
            as churn_probability_low,
        {{ wilson_bound('pooled.churned_count', 'pooled.support_count', '+') }}
            as churn_probability_high,
        pooled.base_rate,
        {{ ratio('pooled.churn_probability', 'pooled.base_rate') }} as lift,
        coalesce({{ is_risky('pooled.churned_count', 'pooled.support_count') }}, false)
            as is_listed,
        cast(coalesce(training.support_count, 0) as bigint) as train_support_count,
        training.churn_probability as train_churn_probability,
        {{ ratio('training.churn_probability', 'training.base_rate') }} as train_lift,
        test.last_observation_date as test_observation_date,
        cast(coalesce(test.support_count, 0) as bigint) as test_support_count,
        test.churn_probability as test_churn_probability,
        {{ ratio('test.churn_probability', 'test.base_rate') }} as test_lift

    from rules
    left join totals as pooled
        on rules.rule_id = pooled.rule_id and pooled.is_training is null
    left join totals as training
        on rules.rule_id = training.rule_id and training.is_training
    left join totals as test
        on rules.rule_id = test.rule_id and not test.is_training

)

select * from final
