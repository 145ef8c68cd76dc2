{#
    Whether a date lies in the backward window of a day: the last `days` dates up to and
    including that day, so that one day is the day itself.

    date, last_date: SQL of dates; date must be known to be on or before last_date.
    days: length of the window; none = all of history.
    Returns: SQL of a boolean.
#}
{% macro in_window(date, last_date, days) -%}
    {%- if days is none -%}
        true
    {%- else -%}
        {{ date }} > {{ add_days(last_date, -days) }}
    {%- endif -%}
{%- endmacro %}


{#
    Whether a whole backward window lies inside history.

    last_date: SQL of a date. days: length of the window; none = all of history.
    Returns: SQL of a boolean.
#}
{% macro has_full_window(last_date, days) -%}
    {%- if days is none -%}
        true
    {%- else -%}
        {{ add_days(last_date, 1 - days) }} >= {{ history_start_date() }}
    {%- endif -%}
{%- endmacro %}
