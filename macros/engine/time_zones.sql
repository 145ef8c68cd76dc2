{#
    Instants are stored as timestamps in UTC; dates are local to business_timezone.
    An ambiguous wall time is the later instant, a missing one moves forward (the
    engine's ICU calendar does both; tests/python/test_inputs.py holds it to that).
#}


{# wall_time: SQL of a timestamp in input_timezone. Returns: SQL of UTC timestamp. #}
{% macro instant_of_wall_time(wall_time) -%}
    {%- if var('input_timezone') == 'UTC' -%}
        {{ wall_time }}
    {%- else -%}
        timezone('UTC', timezone('{{ var('input_timezone') }}', {{ wall_time }}))
    {%- endif -%}
{%- endmacro %}


{# instant: SQL of a UTC timestamp. Returns: SQL of its date in business_timezone. #}
{% macro local_date(instant) -%}
    {%- if var('business_timezone') == 'UTC' -%}
        cast({{ instant }} as date)
    {%- else -%}
        cast(
            timezone('{{ var('business_timezone') }}', timezone('UTC', {{ instant }}))
            as date
        )
    {%- endif -%}
{%- endmacro %}
