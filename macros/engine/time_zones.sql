{#
    Instants are stored as timestamps in UTC; dates are local to business_timezone.
    An ambiguous wall time is the later instant, a missing one moves forward
    (tests/python/test_inputs.py holds the engines to that).
#}


{# wall_time: SQL of a timestamp in input_timezone. Returns: SQL of UTC timestamp. #}
{% macro instant_of_wall_time(wall_time) -%}
    {%- if var('input_timezone') == 'UTC' -%}
        {{ wall_time }}
    {%- else -%}
        {{ wall_time_to_utc(wall_time, var('input_timezone')) }}
    {%- endif -%}
{%- endmacro %}


{# instant: SQL of a UTC timestamp. Returns: SQL of its date in business_timezone. #}
{% macro local_date(instant) -%}
    {%- if var('business_timezone') == 'UTC' -%}
        cast({{ instant }} as date)
    {%- else -%}
        cast({{ utc_to_wall_time(instant, var('business_timezone')) }} as date)
    {%- endif -%}
{%- endmacro %}


{# instant: SQL of a timestamp with a zone. Returns: SQL of a UTC timestamp. #}
{% macro utc_timestamp(instant) -%}
    {#- Spark keeps instants only, and its session is in UTC. -#}
    {{ instant if target.type == 'spark' else "timezone('UTC', " ~ instant ~ ')' }}
{%- endmacro %}


{# instant: SQL of a UTC timestamp. Returns: SQL of the wall time in a zone. #}
{% macro utc_to_wall_time(instant, zone) -%}
    {{ return(adapter.dispatch('utc_to_wall_time', 'customer_ops')(instant, zone)) }}
{%- endmacro %}

{% macro default__utc_to_wall_time(instant, zone) -%}
    timezone('{{ zone }}', timezone('UTC', {{ instant }}))
{%- endmacro %}

{% macro spark__utc_to_wall_time(instant, zone) -%}
    from_utc_timestamp({{ instant }}, '{{ zone }}')
{%- endmacro %}


{# wall_time: SQL of a timestamp in a zone. Returns: SQL of the UTC timestamp. #}
{% macro wall_time_to_utc(wall_time, zone) -%}
    {{ return(adapter.dispatch('wall_time_to_utc', 'customer_ops')(wall_time, zone)) }}
{%- endmacro %}

{% macro default__wall_time_to_utc(wall_time, zone) -%}
    timezone('UTC', timezone('{{ zone }}', {{ wall_time }}))
{%- endmacro %}

{#
    Spark takes the earlier of two instants. The later one, if there are two, has the
    offset that holds half a day after them.
#}
{% macro spark__wall_time_to_utc(wall_time, zone) -%}
    {%- set earlier = "to_utc_timestamp(" ~ wall_time ~ ", '" ~ zone ~ "')" -%}
    {%- set afterwards = '(' ~ earlier ~ " + interval '12 hours')" -%}
    {%- set later = '(' ~ wall_time ~ ' - (' ~ spark__utc_to_wall_time(afterwards, zone)
        ~ ' - ' ~ afterwards ~ '))' -%}
    case
        when {{ spark__utc_to_wall_time(later, zone) }} = {{ wall_time }}
            then {{ later }}
        else {{ earlier }}
    end
{%- endmacro %}
