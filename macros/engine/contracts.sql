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

{#
model: a seed; agate_table: its rows, which are loaded some thousands a statement. dbt's
own calls a macro for every cell (41 of PostgreSQL's 43 seconds for 30,000 events);
dbt-spark's has a literal for every cell, and writes an empty one of a session as the
text None. Bound values and one JSON text a statement need neither.
#}
{% macro load_csv_rows(model, agate_table) -%}
    {%- set names, rows = agate_table.column_names, agate_table.rows -%}
    {%- if target.type == 'postgres' -%}
        {%- set cells = '(' ~ (['%s'] * names | length) | join(', ') ~ ')' -%}
        {%- for batch in rows | batch(get_batch_size()) -%}
            {%- set values = [] -%}
            {%- for row in batch -%}{%- do values.extend(row) -%}{%- endfor -%}
            {%- do adapter.add_query(
                'insert into ' ~ this ~ ' ('
                ~ get_seed_column_quoted_csv(model, names) ~ ') values '
                ~ ([cells] * batch | length) | join(', '),
                bindings=values, abridge_sql_log=true
            ) -%}
        {%- endfor -%}
    {%- elif target.type == 'spark' -%}
        {%- set types, cells = engine_seed(model).config.column_types, [] -%}
        {%- for name in names -%}
            {%- do cells.append('cast(cells[' ~ loop.index0 ~ '] as ' ~ types.get(
                name, adapter.convert_type(agate_table, loop.index0)
            ) ~ ')') -%}
        {%- endfor -%}
        {%- for batch in rows | batch(get_batch_size()) -%}
            {%- set values = [] -%}
            {%- for row in batch -%}
                {%- set texts = [] -%}
                {%- for value in row -%}
                    {%- do texts.append(value if value is none else value | string) -%}
                {%- endfor -%}
                {%- do values.append(texts) -%}
            {%- endfor -%}
            {%- set json = tojson(values) | replace('\\', '\\\\')
                | replace("'", "\\'") -%}
            {%- set parsed = "from_json('" ~ json
                ~ "', 'array<array<string>>', map('mode', 'FAILFAST'))" -%}
            {%- do adapter.add_query(
                'insert into ' ~ this ~ ' select ' ~ cells | join(', ')
                ~ ' from (select explode(' ~ parsed ~ ') as cells)',
                abridge_sql_log=true
            ) -%}
        {%- endfor -%}
    {%- else -%}
        {{ return(dbt.load_csv_rows(model, agate_table)) }}
    {%- endif -%}
    {{ return('') }}
{%- endmacro %}
