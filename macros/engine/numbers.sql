{#
    A double rounded to six decimals, half away from zero, as quantiles and what is
    compared with them are. Rounding a double needs a decimal on PostgreSQL, and the
    decimal makes 2.8 the same number however it was computed.

    value: SQL of a double. Returns: SQL of a double.
#}
{% macro round_to_six(value) -%}
    cast(cast({{ value }} as decimal(28, 6)) as double)
{%- endmacro %}


{#
    The p-quantile of a group, interpolated linearly between its neighbours and rounded
    to six decimals. Cast first: a decimal argument would cut the result to its scale.

    value: SQL of a number. p: number from 0 to 1. condition: SQL of a boolean, the rows
    that count; none = all.
    Returns: SQL of an aggregate, a double.
#}
{% macro quantile(value, p, condition=none) -%}
    {%- set counted = value if condition is none
        else 'case when ' ~ condition ~ ' then ' ~ value ~ ' end' -%}
    {{ round_to_six(
        'percentile_cont(' ~ p ~ ') within group (order by cast(' ~ counted
        ~ ' as double))'
    ) }}
{%- endmacro %}
