{#
    Refuses a fast_base_date that is no snapshot date: the indices would have no base.
    Runs as the pre-hook of rpt_fast_index, when the snapshot dates are known.

    Returns: nothing to run.
    Errors: a compiler error that names the date and the snapshot dates around it.
#}
{% macro check_fast_base_date() -%}
    {#- Outside the condition: dbt has to see the reference while it parses. -#}
    {%- set snapshot_dates_table = ref('int_snapshot_dates') -%}
    {%- if execute and var('fast_base_date') is not none -%}
        {%- set snapshot_dates = run_query(
            'select snapshot_date from ' ~ snapshot_dates_table
            ~ ' order by snapshot_date'
        ).columns[0].values() | map('string') | list -%}
        {%- if var('fast_base_date') | string not in snapshot_dates -%}
            {{ refuse('fast_base_date', var('fast_base_date') | string,
                'a snapshot date, that is a month end of history or the as-of date ('
                ~ (snapshot_dates | first ~ ' to ' ~ snapshot_dates | last
                    if snapshot_dates else 'there is none') ~ ')') }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
