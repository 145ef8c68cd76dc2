-- Counted row by row instead of by ranges: a condition that the ranges forget would let
-- everybody match, and the rule's probability sink to the base rate.

with

conditions as (

    select
        rule_id,
        feature,
        operator,
        cast(
            case value when 'true' then '1' when 'false' then '0' else value end
            as decimal(18, 6)
        ) as bound,
        count(*) over (partition by rule_id) as condition_count

    from {{ ref('risk_rules') }}

),

observations as (

    {% for feature in risk_features() -%}
    select
        observation_date,
        customer_key,
        '{{ feature }}' as feature,
        {{ risk_feature_value(feature, 'features') }} as feature_value
    from {{ ref('int_customer_risk_features') }} as features
    where is_mature
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

members as (

    select
        conditions.rule_id,
        observations.observation_date,
        observations.customer_key

    from observations
    inner join conditions on observations.feature = conditions.feature

    where
        case conditions.operator
            when '<' then observations.feature_value < conditions.bound
            when '<=' then observations.feature_value <= conditions.bound
            when '=' then observations.feature_value = conditions.bound
            when '>=' then observations.feature_value >= conditions.bound
            when '>' then observations.feature_value > conditions.bound
        end

    group by 1, 2, 3

    having count(*) = max(conditions.condition_count)

),

supports as (

    select
        rule_id,
        count(*) as support_count

    from members

    group by 1

)

select
    rules.rule_id,
    rules.support_count,
    supports.support_count as counted_support_count

from {{ ref('fct_churn_rules') }} as rules
left join supports on rules.rule_id = supports.rule_id

where rules.support_count <> coalesce(supports.support_count, 0)
