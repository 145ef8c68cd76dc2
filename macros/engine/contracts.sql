{#
    dbt's own macros read the types of a contract and of a seed; these read them in the
    engine's words (types.sql).
#}


{# columns: of a contract, name -> properties. Returns: them with the engine's types. #}
{% macro engine_columns(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({
            name: dict(column, data_type=engine_type(column.data_type))
        }) -%}
    {%- endfor -%}
    {{ return(translated) }}
{%- endmacro %}


{# The columns that a contract promises, to compare a model's with. #}
{% macro postgres__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(engine_columns(columns))) }}
{%- endmacro %}

{% macro spark__get_empty_schema_sql(columns) -%}
    {{ return(default__get_empty_schema_sql(engine_columns(columns))) }}
{%- endmacro %}


{# The columns and constraints of a table that is created by its contract. #}
{% macro postgres__get_table_columns_and_constraints() -%}
    {%- set columns = adapter.render_raw_columns_constraints(
        raw_columns=engine_columns(model['columns'])
    ) -%}
    {%- set constraints = adapter.render_raw_model_constraints(
        raw_constraints=model['constraints']
    ) -%}
    ({{ (columns + constraints) | join(', ') }})
{%- endmacro %}


{# model: a seed. Returns: what its macros read, with the engine's types of columns. #}
{% macro engine_seed(model) -%}
    {%- set types = {} -%}
    {%- for name, type in model.config.get('column_types', {}).items() -%}
        {%- do types.update({name: engine_type(type)}) -%}
    {%- endfor -%}
    {{ return({'config': {
        'column_types': types,
        'quote_columns': model.config.get('quote_columns'),
    }}) }}
{%- endmacro %}

{% macro spark__create_csv_table(model, agate_table) -%}
    {{ return(dbt.spark__create_csv_table(engine_seed(model), agate_table)) }}
{%- endmacro %}

{# dbt-spark's own writes an empty cell of a session as the text None. #}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set given, types = engine_seed(model).config.column_types, [] -%}
    {%- for name in agate_table.column_names -%}
        {%- do types.append(
            given.get(name, adapter.convert_type(agate_table, loop.index0))
        ) -%}
    {%- endfor -%}
    {%- for rows in agate_table.rows | batch(get_batch_size()) -%}
        {%- set insert -%}
            insert into {{ this }} values
            {% for row in rows -%}
                (
                {%- for value in row -%}
                    {{ spark_literal(value, types[loop.index0]) }}
                    {{- ', ' if not loop.last }}
                {%- endfor -%}
                ){{ ',' if not loop.last }}
            {% endfor %}
        {%- endset -%}
        {%- do adapter.add_query(insert, abridge_sql_log=true) -%}
    {%- endfor -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark_literal(value, type) -%}
    {%- if value is none -%}
        null
    {%- else -%}
        {%- set text = "'" ~ value | string | replace('\\', '\\\\')
            | replace("'", "\\'") ~ "'" -%}
        {{ text if type == 'string' else 'cast(' ~ text ~ ' as ' ~ type ~ ')' }}
    {%- endif -%}
{%- endmacro %}
