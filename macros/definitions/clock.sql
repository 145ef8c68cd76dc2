{#
    The one clock. No model reads the engine's own.
#}


{#
    D*, the last date every metric may see: the variable as_of_date, else the latest
    local date of any accepted registration, order, login or event.

    Returns: SQL of a date; null while the warehouse is empty.
#}
{% macro as_of_date() -%}
    (select as_of_date from {{ ref('stg_shop__clock') }})
{%- endmacro %}


{#
    The as-of date that was asked for, also while there is no customer to tell of. Only
    the audit reads it: it counts rows, not customers.

    Returns: SQL of a date.
#}
{% macro requested_date() -%}
    (select requested_date from {{ ref('stg_shop__clock') }})
{%- endmacro %}


{#
    The first date anything was accepted, at most the as-of date.

    Returns: SQL of a date; null while the warehouse is empty.
#}
{% macro history_start_date() -%}
    (select history_start_date from {{ ref('stg_shop__clock') }})
{%- endmacro %}


{#
    The instant after which an input timestamp is rejected: the variable
    future_cutoff_at (ISO 8601; without an offset in input_timezone), else the start of
    the run.

    Returns: SQL of a UTC timestamp, a constant within a run.
#}
{% macro future_cutoff() -%}
    {%- set given = var('future_cutoff_at') -%}
    {%- set cutoff = run_started_at if given is none
        else modules.datetime.datetime.fromisoformat(given | string) -%}
    {%- if cutoff.tzinfo is none -%}
        {%- set zone = modules.pytz.timezone(var('input_timezone')) -%}
        {%- set cutoff = zone.localize(cutoff) -%}
    {%- endif -%}
    {%- set cutoff = cutoff.astimezone(modules.pytz.utc) -%}
    timestamp '{{ cutoff.strftime("%Y-%m-%d %H:%M:%S.%f") }}'
{%- endmacro %}
