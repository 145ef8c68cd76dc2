{#
    New customers as the acquisition cost counts them: by first valid order, or by
    registration, as the variable cac_basis says.

    new_buyer_count, registered_count: SQL of counts. Returns: one of the two.
#}
{% macro acquired_count(new_buyer_count, registered_count) -%}
    {{ return(adapter.dispatch('acquired_count', 'customer_ops')(
        new_buyer_count, registered_count
    )) }}
{%- endmacro %}

{% macro default__acquired_count(new_buyer_count, registered_count) -%}
    {%- if var('cac_basis') == 'registration' -%}
        {{ registered_count }}
    {%- else -%}
        {{ new_buyer_count }}
    {%- endif -%}
{%- endmacro %}


{#
    Cost of one of something: CAC, cost per click, cost per registration.

    spend, unit_count: SQL of a decimal and a count.
    Returns: SQL of a double; null where there is nothing to divide the spend among.
#}
{% macro cost_per(spend, unit_count) -%}
    {{ as_double(spend) }} / nullif({{ unit_count }}, 0)
{%- endmacro %}
