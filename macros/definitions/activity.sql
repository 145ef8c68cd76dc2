{#
    Whether a customer day counts as activity.

    variable: activity_types or churn_activity, a list of login, order, event.
    Returns: SQL of a boolean over a row of counts of one customer day.
#}
{% macro is_active_by(variable) -%}
    {%- set counts = {
        'login': 'login_count', 'order': 'valid_order_count', 'event': 'event_count',
    } -%}
    {%- for type in var(variable) -%}
        {{ counts[type] }} > 0{{ ' or ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
