{#
    The least-squares slope of a daily series over the seven days up to a row. With one
    value a day the weights of the fit are -3, -2, -1, 0, 1, 2, 3, over 28 (Savitzky and
    Golay 1964), so a day that is a copy of another cancels exactly.

    value: SQL of a double. window_name: a window ordered by date, one row a day.
    Returns: SQL of a double per day; null before the seventh day and where one of the
    seven is null.
#}
{% macro slope_of_seven(value, window_name) -%}
    (
        3 * ({{ value }} - lag({{ value }}, 6) over {{ window_name }})
        + 2 * (
            lag({{ value }}, 1) over {{ window_name }}
            - lag({{ value }}, 5) over {{ window_name }}
        )
        + lag({{ value }}, 2) over {{ window_name }}
        - lag({{ value }}, 4) over {{ window_name }}
    ) / 28
    -- The middle day weighs nothing, but a fit over an unknown day is unknown.
    + 0 * lag({{ value }}, 3) over {{ window_name }}
{%- endmacro %}
