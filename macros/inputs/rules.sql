{#
    Row rules that several inputs share. Each returns SQL of a reason code, null where
    the row keeps the rule.
#}


{#
    user_id: SQL of the named user. accounts: alias of base_shop__accounts or
    stg_shop__accounts, left joined on that user. A row that names a staff or test
    account is rejected as excluded, so that nobody hunts for a user who was left out on
    purpose.
#}
{% macro unknown_user(user_id, accounts) -%}
    case
        when {{ user_id }} is null or {{ accounts }}.is_accepted then null
        when {{ accounts }}.user_id is not null then 'excluded'
        else 'unknown_user'
    end
{%- endmacro %}


{# values: list of texts. Returns: SQL list of literals, a legal one also of none. #}
{% macro quoted_list(values) -%}
    {%- for value in values | list or [''] -%}
        {{ text_literal(value) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# value: a text or none. Returns: SQL of the literal, null for none. #}
{% macro text_literal(value) -%}
    {%- if value is none -%}
        null
    {%- elif target.type == 'spark' -%}
        {#- Spark reads backslashes, and of two quotes none. -#}
        '{{ value | replace('\\', '\\\\') | replace("'", "\\'") }}'
    {%- else -%}
        '{{ value | replace("'", "''") }}'
    {%- endif -%}
{%- endmacro %}


{# name: of a column, as it is written. Returns: SQL of the name. #}
{% macro quoted_name(name) -%}
    {%- set quote = '`' if target.type == 'spark' else '"' -%}
    {{ quote ~ name | replace(quote, quote ~ quote) ~ quote }}
{%- endmacro %}
