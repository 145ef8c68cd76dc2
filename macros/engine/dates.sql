{# Returns: SQL of the date `days` days after a date (negative: before). #}
{% macro add_days(date, days) -%}
    ({{ date }} + cast({{ days }} as integer))
{%- endmacro %}


{# Returns: SQL of the whole days from one date to another. #}
{% macro days_between(from_date, to_date) -%}
    {#- In Spark the difference of two dates is an interval. -#}
    cast(
        {{ 'datediff(' ~ to_date ~ ', ' ~ from_date ~ ')' if target.type == 'spark'
            else to_date ~ ' - ' ~ from_date }}
        as bigint
    )
{%- endmacro %}


{# Returns: SQL of the first date of a date's calendar month. #}
{% macro month_start(date) -%}
    cast(date_trunc('month', {{ date }}) as date)
{%- endmacro %}


{# Returns: SQL of the last date of a date's calendar month. #}
{% macro month_end(date) -%}
    cast(
        date_trunc('month', {{ date }}) + interval '1 month' - interval '1 day' as date
    )
{%- endmacro %}


{# Returns: SQL of the first date of a date's calendar quarter. #}
{% macro quarter_start(date) -%}
    cast(date_trunc('quarter', {{ date }}) as date)
{%- endmacro %}


{# Returns: SQL of the first date of a date's week; week_start says which day it is. #}
{% macro week_start(date) -%}
    {%- if var('week_start') == 'sunday' -%}
        {#- Shifted by one day, a week from Sunday is a week from Monday. -#}
        {{ add_days(
            "cast(date_trunc('week', " ~ add_days(date, 1) ~ ") as date)", -1
        ) }}
    {%- else -%}
        cast(date_trunc('week', {{ date }}) as date)
    {%- endif -%}
{%- endmacro %}


{# Returns: SQL of the first date of a period; grain: day, week, month or quarter. #}
{% macro period_start(grain, date) -%}
    {%- if grain == 'day' -%}{{ date }}
    {%- elif grain == 'week' -%}{{ week_start(date) }}
    {%- elif grain == 'month' -%}{{ month_start(date) }}
    {%- elif grain == 'quarter' -%}{{ quarter_start(date) }}
    {%- endif -%}
{%- endmacro %}


{# Returns: SQL of the calendar months from one date's month to another's. #}
{% macro months_between(from_date, to_date) -%}
    cast(
        12 * (extract(year from {{ to_date }}) - extract(year from {{ from_date }}))
        + extract(month from {{ to_date }}) - extract(month from {{ from_date }})
        as bigint
    )
{%- endmacro %}
