{#
    Whether a monthly cohort has lived through its window: its last member's days are
    over on or before the as-of date.

    cohort_month: SQL of the first date of the month. days: SQL of a whole number, the
    days after a member's own date that the window needs.
    Returns: SQL of a boolean.
#}
{% macro is_mature(cohort_month, days) -%}
    {{ add_days(month_end(cohort_month), days) }} <= {{ as_of_date() }}
{%- endmacro %}
