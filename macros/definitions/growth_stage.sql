{#
    The stage of growth by the share of its capacity that a shop has reached, with the
    bends of the logistic curve as bounds: 1 / (3 + sqrt(3)) and its complement. Fewer
    and fewer active customers are a decline, whatever the share.

    Reads is_identified, is_declining and capacity_share.
    Returns: SQL of a segment code of `growth_stage`.
#}
{% macro growth_stage() -%}
    {{ return(adapter.dispatch('growth_stage', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__growth_stage() -%}
    case
        when not is_identified then 'not_identified'
        when is_declining then 'decline'
        when capacity_share < 1 / (3 + sqrt(3)) then 'cold_start'
        when capacity_share < 1 - 1 / (3 + sqrt(3)) then 'high_growth'
        when capacity_share < 0.95 then 'maturity'
        else 'saturation'
    end
{%- endmacro %}
