{# Returns: SQL of the days from one instant to another with fractions, a double. #}
{% macro elapsed_days(from_instant, to_instant) -%}
    cast(
        {{ dbt.datediff(from_instant, to_instant, 'microsecond') }} as double
    ) / 86400000000
{%- endmacro %}
