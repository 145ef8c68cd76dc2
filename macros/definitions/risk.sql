{#
    Early warning: if-then rules of churn (seed risk_rules) and falling logins.
#}


{#
    What a risk rule may ask about, each a column of int_customer_risk_features. The
    condition of a rule is written in this order.

    Returns: list of texts.
#}
{% macro risk_features() -%}
    {{ return([
        'profile_completion_pct',
        'friend_count',
        'contacts_imported',
        'tenure_days',
        'idle_days',
        'login_count_7d',
        'login_count_30d',
        'order_count_30d',
        'order_count_365d',
    ]) }}
{%- endmacro %}


{#
    A feature as the number that rules compare: six decimals, as many as any input has,
    so that "below 50" is "at most 49.999999". True is 1, false 0.

    feature: one of risk_features(). table_name: SQL name of a table that has it.
    Returns: SQL of a decimal, null where the feature is.
#}
{% macro risk_feature_value(feature, table_name) -%}
    {%- set column = table_name ~ '.' ~ feature -%}
    {%- if feature == 'contacts_imported' -%}
        {%- set column = 'case when ' ~ column ~ ' then 1 when not ' ~ column
            ~ ' then 0 end' -%}
    {%- endif -%}
    cast({{ column }} as decimal(18, 6))
{%- endmacro %}


{#
    Whether a customer's features lie in all ranges of a rule. A feature that is not
    known lies in none; where a rule has no bound, anything does.

    features, rules: SQL names of tables like int_customer_risk_features and
    int_risk_rules. Returns: SQL of a boolean, a join condition.
#}
{% macro matches_risk_rule(features, rules) -%}
    {%- for feature in risk_features() -%}
        {%- set value = risk_feature_value(feature, features) -%}
        {{ 'and ' if not loop.first -}}
        (
            {{ rules }}.lowest_{{ feature }} is null
            or {{ value }} >= {{ rules }}.lowest_{{ feature }}
        )
        and (
            {{ rules }}.highest_{{ feature }} is null
            or {{ value }} <= {{ rules }}.highest_{{ feature }}
        )
    {% endfor -%}
{%- endmacro %}


{#
    Whether a rule's customers leave often enough to be listed. Multiplied out, because
    a quotient would be rounded: 24 of 30 reach 0.8.

    churned_count, support_count: SQL of whole numbers. Returns: SQL of a boolean.
#}
{% macro is_risky(churned_count, support_count) -%}
    {{ return(adapter.dispatch('is_risky', 'customer_ops')(
        churned_count, support_count
    )) }}
{%- endmacro %}

{% macro default__is_risky(churned_count, support_count) -%}
    (
        {{ support_count }} > 0
        and {{ churned_count }}
        >= cast({{ var('risk_probability_min') }} as decimal(18, 6))
        * {{ support_count }}
    )
{%- endmacro %}


{#
    Whether three weeks of logins fall, and far enough.

    first, second, third: SQL of the logins of three weeks, the latest last.
    Returns: SQL of a boolean.
#}
{% macro is_declining(first, second, third) -%}
    {{ return(adapter.dispatch('is_declining', 'customer_ops')(first, second, third)) }}
{%- endmacro %}

{% macro default__is_declining(first, second, third) -%}
    (
        {{ first }} > {{ second }}
        and {{ second }} > {{ third }}
        and {{ third }}
        <= cast({{ var('decline_max_ratio') }} as decimal(18, 6)) * {{ first }}
    )
{%- endmacro %}
