{#
    The rows of csv or parquet files: all columns of a csv as text, those of a parquet
    file with its types.

    input_name: a name of the input contract. location: a path, with * for several
    files. Returns: SQL to put behind "from".
    Errors: there is no such file, or the engine does not read such files.
#}
{% macro file_rows(input_name, location) -%}
    {{ return(adapter.dispatch('file_rows', 'customer_ops')(input_name, location)) }}
{%- endmacro %}

{% macro duckdb__file_rows(input_name, location) -%}
    {%- set path = text_literal(location) -%}
    {%- if execute
        and run_query('select count(*) from glob(' ~ path ~ ')')[0][0] == 0 -%}
        {{ exceptions.raise_compiler_error(
            "Input '" ~ input_name ~ "': the variable input_" ~ input_name
            ~ " names the file '" ~ location ~ "', and there is no such file. "
            ~ "Write the path from the folder dbt runs in, or an absolute one."
        ) }}
    {%- endif -%}
    {{ return(
        'read_csv(' ~ path ~ ', all_varchar = true, header = true)'
        if location.endswith('.csv') else 'read_parquet(' ~ path ~ ')'
    ) }}
{%- endmacro %}

{% macro spark__file_rows(input_name, location) -%}
    {%- if location.endswith('.csv') -%}
        {{ refuse_file(input_name, location, 'parquet files and tables') }}
    {%- endif -%}
    {{ return('parquet.' ~ quoted_name(location)) }}
{%- endmacro %}

{% macro default__file_rows(input_name, location) -%}
    {{ refuse_file(input_name, location, 'tables') }}
{%- endmacro %}

{% macro refuse_file(input_name, location, readable) -%}
    {{ exceptions.raise_compiler_error(
        "Input '" ~ input_name ~ "': the variable input_" ~ input_name
        ~ " names the file '" ~ location ~ "', and a build on " ~ target.type
        ~ " reads " ~ readable ~ ". Load the file into a table and name that "
        ~ "(shop.orders), or build with --target duckdb."
    ) }}
{%- endmacro %}
