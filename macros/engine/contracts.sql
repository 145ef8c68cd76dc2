{#
    dbt's own macros read the types of a contract and of a seed; these read them in the
    engine's words (types.sql). A model prefers the macros of its own package to dbt's,
    and no other package's: what stands here holds for this project's models and seeds
    also where it is installed, and for nobody else's.
#}


{#
    Called before a contracted table or view is made. From here on dbt reads what the
    contract promises in the engine's types, and with the columns that are passed on.
#}
{% macro get_assert_columns_equivalent(sql) -%}
    {%- for column in model.columns.values() -%}
        {%- do column.update({'data_type': engine_type(column.data_type)}) -%}
    {%- endfor -%}
    {%- set input_name = {'dim_customers': 'users', 'fct_orders': 'orders'}
        .get(model.name) -%}
    {%- for name, type in passed_columns(input_name).items() -%}
        {%- do model.columns.update({name: {
            'name': name, 'data_type': contract_sql_type(type), 'constraints': []
        }}) -%}
    {%- endfor -%}
    {{ return(dbt.get_assert_columns_equivalent(sql)) }}
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

{% macro create_csv_table(model, agate_table) -%}
    {{ return(dbt.create_csv_table(engine_seed(model), agate_table)) }}
{%- endmacro %}

{# dbt-spark's own writes an empty cell of a session as the text None. #}
{% macro load_csv_rows(model, agate_table) -%}
    {%- if target.type != 'spark' -%}
        {{ return(dbt.load_csv_rows(model, agate_table)) }}
    {%- endif -%}
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
