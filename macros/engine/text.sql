{# Returns: SQL that is true where the text matches the regular expression. #}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches', 'customer_ops')(text, pattern)) }}
{%- endmacro %}

{% macro default__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro postgres__matches(text, pattern) -%}
    {{ text }} ~ '{{ pattern }}'
{%- endmacro %}

{% macro spark__matches(text, pattern) -%}
    {#- Java's $ stands before a line end too, \z at the end only. -#}
    {{ text }} rlike '{{ pattern | replace('$', '\\\\z') }}'
{%- endmacro %}


{#
    Returns: SQL of a text without blanks, tabs and line ends around it, null if empty.
#}
{% macro trimmed(text) -%}
    {{ return(adapter.dispatch('trimmed', 'customer_ops')(text)) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}
    nullif(trim(both ' ' || chr(9) || chr(10) || chr(13) from {{ text }}), '')
{%- endmacro %}

{#
    Nearly no text has any, and in DuckDB to look is four times cheaper than to trim;
    whatever begins with a blank sorts before '!'.
#}
{% macro duckdb__trimmed(text) -%}
    case
        when
            {{ text }} < '!'
            or {{ text }} like '% '
            or {{ text }} like e'%\t'
            or {{ text }} like e'%\r'
            or {{ text }} like e'%\n'
            then nullif(trim({{ text }}, e' \t\r\n'), '')
        else {{ text }}
    end
{%- endmacro %}


{# Returns: SQL of the digits of a text, without all else. #}
{% macro digits_of(text) -%}
    {#- Spark replaces every match, and has no word for it. -#}
    regexp_replace({{ text }}, '[^0-9]', ''{{ ", 'g'" if target.type != 'spark' }})
{%- endmacro %}


{#
    A number as text, cut after eight decimals: a cast would round there, and the money
    rounded after it would be rounded twice.
#}
{% macro eight_decimals(text) -%}
    case
        when {{ text }} like '%.%'
            then left({{ text }}, position('.' in {{ text }}) + 8)
        else {{ text }}
    end
{%- endmacro %}


{# name: alias of a relation. Returns: SQL of its row as one value. #}
{% macro whole_row(name) -%}
    {{ {
        'postgres': 'to_json(' ~ name ~ ')',
        'spark': 'struct(' ~ name ~ '.*)',
    }.get(target.type, name) }}
{%- endmacro %}


{# row: SQL of a row as one value. Returns: SQL of one of its columns. #}
{% macro column_of_row(row, column) -%}
    {{ '(' ~ row ~ " ->> '" ~ column ~ "')" if target.type == 'postgres'
        else row ~ '.' ~ column }}
{%- endmacro %}


{# row: SQL of a row as one value. Returns: SQL of the row as one JSON text. #}
{% macro row_as_text(row) -%}
    {{ return(adapter.dispatch('row_as_text', 'customer_ops')(row)) }}
{%- endmacro %}

{% macro default__row_as_text(row) -%}
    cast(to_json({{ row }}) as varchar)
{%- endmacro %}

{#
    PostgreSQL writes control characters with small letters. A backslash of the text is
    two in JSON; they step aside, so that none of them looks like the beginning of one.
#}
{% macro postgres__row_as_text(row) -%}
    {%- set text = namespace(
        sql="replace(cast(" ~ row ~ " as text), '\\\\', chr(1))"
    ) -%}
    {%- for code in ['0b', '0e', '0f', '1a', '1b', '1c', '1d', '1e', '1f'] -%}
        {%- set text.sql = 'replace(' ~ text.sql ~ ", '\\u00" ~ code ~ "', '\\u00"
            ~ code | upper ~ "')" -%}
    {%- endfor -%}
    replace({{ text.sql }}, chr(1), '\\')
{%- endmacro %}

{# Spark would leave out columns that are null. #}
{% macro spark__row_as_text(row) -%}
    to_json({{ row }}, map('ignoreNullFields', 'false'))
{%- endmacro %}


{#
    columns: SQL of values. Returns: SQL of an integer that differs where they do, for
    fingerprints; equal only within one engine.
#}
{% macro row_hash(columns) -%}
    {{ return(adapter.dispatch('row_hash', 'customer_ops')(columns | join(', '))) }}
{%- endmacro %}

{% macro default__row_hash(values) -%}
    hash({{ values }})
{%- endmacro %}

{% macro postgres__row_hash(values) -%}
    hashtextextended(cast(row({{ values }}) as text), 0)
{%- endmacro %}

{% macro spark__row_hash(values) -%}
    {#- Of several values it would pass over nulls, wherever they stand. -#}
    xxhash64(to_json(struct({{ values }}), map('ignoreNullFields', 'false')))
{%- endmacro %}


{#
    The texts of a group in one, in an order. dbt's own macro has no order on Spark.

    value: SQL of a text. delimiter: text between two. order_by: SQL of the order, whose
    end breaks every tie. Returns: SQL of an aggregate, a text.
#}
{% macro joined_texts(value, delimiter, order_by) -%}
    {%- if target.type == 'spark' -%}
        listagg({{ value }}, '{{ delimiter }}') within group (order by {{ order_by }})
    {%- else -%}
        string_agg({{ value }}, '{{ delimiter }}' order by {{ order_by }})
    {%- endif -%}
{%- endmacro %}
