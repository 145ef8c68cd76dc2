{# Returns: SQL of the days from one instant to another with fractions, a double. #}
{% macro elapsed_days(from_instant, to_instant) -%}
    {#- What dbt.datediff writes for Spark finds no microseconds in a whole second. -#}
    {{ as_double(
        'unix_micros(' ~ to_instant ~ ') - unix_micros(' ~ from_instant ~ ')'
        if target.type == 'spark'
        else dbt.datediff(from_instant, to_instant, 'microsecond')
    ) }} / 86400000000
{%- endmacro %}
