{#
    The strategy layer: which of five offers a customer is shown. The variable
    strategy_layer_order says which is asked first; the first match wins.
#}


{# Returns: the days (in Jinja) over which interest and activity count. #}
{% macro strategy_window_days() -%}
    {{ return(adapter.dispatch('strategy_window_days', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__strategy_window_days() -%}
    {{ return(30) }}
{%- endmacro %}


{#
    Reads the row's snapshot_date, entry_date, is_scored, interest_event_count and
    activity_day_count. Returns: SQL of a segment code of `strategy_layer`.
#}
{% macro strategy_layer() -%}
    {{ return(adapter.dispatch('strategy_layer', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__strategy_layer() -%}
    {%- set conditions = {
        'paying': 'is_scored',
        'interest': 'interest_event_count >= ' ~ var('interest_min_events'),
        'active': 'activity_day_count >= ' ~ var('active_min_days'),
        'new': days_between('entry_date', 'snapshot_date') ~ ' <= '
            ~ var('new_user_days'),
    } -%}
    case
        {% for layer in var('strategy_layer_order') if layer in conditions -%}
        when {{ conditions[layer] }} then '{{ layer }}'
        {% endfor -%}
        else 'ordinary'
    end
{%- endmacro %}
