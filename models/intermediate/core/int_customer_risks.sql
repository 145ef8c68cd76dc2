-- Grain: one row per customer on the risk list of the as-of date.
-- The list holds who matches a rule that enough of its members followed; the rule with
-- the highest probability speaks for the customer.

with

rules as (

    select * from {{ ref('int_risk_rule_statistics') }}

    where is_listed

),

matches as (

    select * from {{ ref('int_customer_risk_matches') }}

    where observation_date = {{ as_of_date() }}

),

ranked as (

    select
        matches.customer_id,
        matches.customer_key,
        rules.rule_id,
        rules.churn_probability,
        rules.support_count,
        rules.churn_probability_low,
        rules.churn_probability_high,

        -- Of rules with one probability the first by name speaks.
        row_number() over (
            partition by matches.customer_key
            order by rules.churn_probability desc, rules.rule_id asc
        ) as rule_rank

    from matches
    inner join rules on matches.rule_id = rules.rule_id

),

final as (

    select
        customer_id,
        customer_key,
        rule_id,
        churn_probability,
        support_count,
        churn_probability_low,
        churn_probability_high

    from ranked

    where rule_rank = 1

)

select * from final
