{#
    Behind "as" of a CTE that several others read: each reads its columns from the
    source again. An engine would else keep all rows of all columns in between, which
    for the raw rows of a large input is more than memory holds. Not in a view: DuckDB
    stores views without it, so they name a table where they read it.
#}
{% macro inlined() -%}
    {#- Spark does so by itself and has no word for it. -#}
    {{ 'not materialized' if target.type != 'spark' }}
{%- endmacro %}


{#
    Behind "as" of a CTE whose columns stand many times in the expressions of the next:
    PostgreSQL would else put the SQL of a column in each of these places.
#}
{% macro computed_once() -%}
    {{ 'materialized' if target.type != 'spark' }}
{%- endmacro %}
