-- Grain: one row per risk rule, its conditions as one range per feature.
-- A feature that the rule does not ask about has no bounds.

{{ config(pre_hook="{{ check_risk_rules() }}") }}

with

conditions as (

    select
        *,

        -- Six decimals are all that a feature has: below 50 is at most 49.999999.
        cast(
            case value when 'true' then '1' when 'false' then '0' else value end
            as decimal(18, 6)
        )
        + case operator when '>' then 0.000001 when '<' then -0.000001 else 0 end
            as bound,
        case feature
            {% for feature in risk_features() -%}
            when '{{ feature }}' then {{ loop.index }}
            {% endfor -%}
        end as feature_rank

    from {{ ref('risk_rules') }}

),

final as (

    select
        rule_id,
        {% for feature in risk_features() -%}
        cast(
            max(
                case
                    when feature = '{{ feature }}' and operator in ('>', '>=', '=')
                        then bound
                end
            ) as decimal(18, 6)
        ) as lowest_{{ feature }},
        cast(
            min(
                case
                    when feature = '{{ feature }}' and operator in ('<', '<=', '=')
                        then bound
                end
            ) as decimal(18, 6)
        ) as highest_{{ feature }},
        {% endfor -%}
        {{ joined_texts(
            "concat(feature, ' ', operator, ' ', value)",
            ' and ',
            'feature_rank, operator, value'
        ) }} as condition

    from conditions

    group by 1

)

select * from final
