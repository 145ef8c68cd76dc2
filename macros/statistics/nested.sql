{#
    A step that is applied to its own result, as in a continued fraction or in a series
    that is factored out: step(first, step(first + 1, ... step(last, start))).

    step: SQL of a double with {k}, the number of the step, and once {rest}, the result
    of the steps after it. first, last: numbers; but on PostgreSQL also SQL of integers.
    start: SQL of a double. Returns: SQL of a double.
#}
{% macro nested(step, first, last, start) -%}
    {{ return(adapter.dispatch('nested', 'customer_ops')(step, first, last, start)) }}
{%- endmacro %}

{% macro default__nested(step, first, last, start) -%}
    {%- set parts = step.split('{rest}') -%}
    {%- for k in range(first, last + 1) -%}
    ({{ parts[0] | replace('{k}', k | string) }}
    {%- endfor -%}
    {{ start }}
    {%- for k in range(last, first - 1, -1) -%}
    {{ parts[1] | replace('{k}', k | string) }})
    {%- endfor -%}
{%- endmacro %}

{# A fold over the numbers: nobody has to plan an expression that deep. #}
{% macro duckdb__nested(step, first, last, start) -%}
    list_reduce(
        cast(range({{ last }}, {{ first }} - 1, -1) as double[]),
        lambda rest, k: {{ step | replace('{rest}', 'rest') | replace('{k}', 'k') }},
        cast({{ start }} as double)
    )
{%- endmacro %}

{% macro spark__nested(step, first, last, start) -%}
    aggregate(
        sequence({{ last }}, {{ first }}, -1), cast({{ start }} as double),
        (rest, k) -> {{ step | replace('{rest}', 'rest') | replace('{k}', 'k') }}
    )
{%- endmacro %}
