{#
    What a condition of a risk rule must be: six decimals, as many as a feature has, so
    that nothing is rounded, and no more digits than a bound has room for.

    Reads the row's feature, operator and value. Returns: SQL of a boolean, never null.
#}
{% macro is_risk_condition() -%}
    case
        when feature is null or operator is null or value is null then false
        when feature = 'contacts_imported'
            then operator = '=' and value in ('true', 'false')
        else
            feature in ({{ quoted_list(risk_features()) }})
            and operator in ('<', '<=', '=', '>=', '>')
            and {{ matches('value', '^[+-]?[0-9]{1,11}([.][0-9]{1,6})?$') }}
    end
{%- endmacro %}


{#
    Refuses a seed risk_rules that cannot be read: a run without its tests would end in
    a database error, or in a rule that everybody matches. Runs as the pre-hook of
    int_risk_rules.

    Returns: nothing to run.
    Errors: a compiler error that names the first wrong condition.
#}
{% macro check_risk_rules() -%}
    {#- Outside the condition: dbt has to see the reference while it parses. -#}
    {%- set rules_table = ref('risk_rules') -%}
    {%- if execute -%}
        {%- set wrong = run_query(
            'select rule_id, feature, operator, value from ' ~ rules_table
            ~ ' where rule_id is null or not (' ~ is_risk_condition() ~ ')'
            ~ ' order by 1, 2, 3, 4'
        ).rows -%}
        {%- if wrong -%}
            {%- set rule_id, feature, operator, value = wrong[0].values() -%}
            {{ exceptions.raise_compiler_error(
                "The seed risk_rules has the condition '" ~ feature ~ " " ~ operator
                ~ " " ~ value ~ "' in the rule '" ~ rule_id ~ "'; it must be one of "
                ~ risk_features() | join(', ') ~ ", then <, <=, =, >= or >, then a "
                ~ "number of at most 11 digits before the point and 6 after it "
                ~ "(contacts_imported: = true or = false). Change it in "
                ~ "seeds/reference/risk_rules.csv."
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
