{#
    A double rounded half away from zero. Rounding a double needs a decimal on
    PostgreSQL, and the decimal makes 2.8 the same number however it was computed.
    Twelve decimals come first: 16.4830625 is a little less in binary and would round
    down.

    value: SQL of a double. digits: decimals kept; six is what quantiles and everything
    compared with them have. Returns: SQL of a double.
#}
{% macro rounded(value, digits=6) -%}
    {{ as_double(
        'cast(cast(' ~ value ~ ' as decimal(38, 12)) as decimal(38, ' ~ digits ~ '))'
    ) }}
{%- endmacro %}


{#
    The p-quantile of a group, interpolated linearly between its neighbours and rounded
    to six decimals. Cast first: a decimal argument would cut the result to its scale.

    value: SQL of a number. p: number from 0 to 1.
    Returns: SQL of an aggregate, a double.
#}
{% macro quantile(value, p) -%}
    {{ rounded(
        'percentile_cont(' ~ p ~ ') within group (order by ' ~ as_double(value) ~ ')'
    ) }}
{%- endmacro %}


{#
    A sum of doubles that does not depend on the order of the rows, which differs from
    run to run on several threads.

    value: SQL of a double, to be read to twelve decimals. Returns: SQL of an aggregate.
#}
{% macro sum_of_doubles(value) -%}
    {{ as_double('sum(cast(' ~ value ~ ' as decimal(38, 12)))') }}
{%- endmacro %}


{#
    A quotient as a double; null, never zero and never an error, where there is no base.

    part, base: SQL of numbers. Returns: SQL of a double.
#}
{% macro ratio(part, base) -%}
    {{ as_double(part) }} / nullif({{ as_double(base) }}, 0)
{%- endmacro %}


{#
    A number above 0 for each row, by a column whose values are distinct: 1, 2, 3 ... on
    one machine. On Spark numbers have gaps: the rows of 64 parts are counted apart, or
    one task would have to sort them all.

    column: SQL of a text. Returns: SQL of a window function, an integer.
#}
{% macro number_of(column) -%}
    {%- if target.type == 'spark' -%}
        {%- set part = 'pmod(hash(' ~ column ~ '), 64)' -%}
        64 * row_number() over (partition by {{ part }} order by {{ column }})
        + {{ part }}
    {%- else -%}
        row_number() over (order by {{ column }})
    {%- endif -%}
{%- endmacro %}


{#
    The value of the first row of a group that has one.

    value: SQL of any type. order_by: SQL of a number without ties.
    Returns: SQL of an aggregate, null where no row has a value.
#}
{% macro first_known(value, order_by) -%}
    {{ return(adapter.dispatch('first_known', 'customer_ops')(value, order_by)) }}
{%- endmacro %}

{% macro default__first_known(value, order_by) -%}
    arg_min({{ value }}, {{ order_by }})
{%- endmacro %}

{% macro postgres__first_known(value, order_by) -%}
    (
        array_agg({{ value }} order by {{ order_by }})
        filter (where {{ value }} is not null)
    )[1]
{%- endmacro %}

{% macro spark__first_known(value, order_by) -%}
    min_by({{ value }}, {{ order_by }}) filter (where {{ value }} is not null)
{%- endmacro %}
