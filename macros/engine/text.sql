{# Returns: SQL that is true where the text matches the regular expression. #}
{% macro matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}


{# row: alias of a table or a row value. Returns: SQL of the row as one JSON text. #}
{% macro row_as_text(row) -%}
    cast(to_json({{ row }}) as varchar)
{%- endmacro %}


{#
    A number as text, cut after eight decimals: a cast would round there, and the money
    rounded after it would be rounded twice.
#}
{% macro eight_decimals(text) -%}
    regexp_extract({{ text }}, '^[+-]?[0-9]+([.][0-9]{1,8})?')
{%- endmacro %}


{#
    columns: SQL of values. Returns: SQL of an integer that differs where they do, for
    fingerprints; equal only within one engine.
#}
{% macro row_hash(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}
