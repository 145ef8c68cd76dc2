{# Returns: SQL of the days from one instant to another with fractions, a double. #}
{% macro elapsed_days(from_instant, to_instant) -%}
    {{ as_double(dbt.datediff(from_instant, to_instant, 'microsecond')) }} / 86400000000
{%- endmacro %}
