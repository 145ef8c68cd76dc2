{#
    How many periods one date lies after another, by the calendar: 31 January and 1
    February are one month apart, Sunday and Monday one week (weeks from Monday).

    period_grain: SQL of 'day', 'week' or 'month'. from_date, to_date: SQL of dates.
    Returns: SQL of an integer, negative where to_date is in an earlier period.
#}
{% macro period_offset(period_grain, from_date, to_date) -%}
    cast(
        case {{ period_grain }}
            when 'day' then {{ days_between(from_date, to_date) }}
            when 'week'
                then
                    {{ days_between(week_start(from_date), week_start(to_date)) }}
                    / 7
            when 'month' then {{ months_between(from_date, to_date) }}
        end as integer
    )
{%- endmacro %}


{#
    The rows of the retention table to which members of a channel belong: `all` at every
    period grain, their own channel at month grain only. Days and weeks of one channel
    are too thin to read.

    table_name: SQL name of a table with the members' channel and period_grain, beside
    int_retention_channels as channels. Returns: SQL of a boolean, a join condition.
#}
{% macro is_retention_channel(table_name) -%}
    (
        channels.channel = 'all'
        or (
            channels.channel = {{ table_name }}.channel
            and {{ table_name }}.period_grain = 'month'
        )
    )
{%- endmacro %}
