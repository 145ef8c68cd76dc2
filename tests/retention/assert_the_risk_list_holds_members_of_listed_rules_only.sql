-- Money is spent on this list: nobody may be on it who is churned already, or for a
-- rule that does not reach the limit, and nobody who matches one may be missing.

with

members as (

    select distinct customers.customer_id

    from {{ ref('int_customer_risk_matches') }} as matches
    inner join {{ ref('fct_churn_rules') }} as rules
        on matches.rule_id = rules.rule_id
    inner join {{ ref('int_customers') }} as customers
        on matches.customer_key = customers.customer_key

    where
        matches.observation_date = {{ as_of_date() }}
        and {{ is_risky('rules.churned_count', 'rules.support_count') }}

),

churned as (

    select customer_id

    from {{ ref('fct_customer_segment_spans') }}

    where
        segmentation = 'churn_status'
        and segment = 'churned'
        and is_current

)

select
    risks.customer_id,
    risks.rule_id,
    risks.is_at_risk

from {{ ref('fct_customer_churn_risks') }} as risks
left join members on risks.customer_id = members.customer_id
left join churned on risks.customer_id = churned.customer_id

where
    risks.is_at_risk <> (members.customer_id is not null)
    or (risks.is_at_risk and churned.customer_id is not null)
