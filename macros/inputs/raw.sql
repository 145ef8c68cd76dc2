{#
    Where an input comes from: the one place that reads the variables input_*.

    input_name: a name of the input contract, for example 'orders'.
    Returns: SQL to put behind "from": the sample seed or another model of the project
    (a bare name), a relation (schema.table) or a csv or parquet file. None where an
    optional input is absent.
    Errors: a required input that is absent; a file or relation that does not exist.
#}
{% macro raw(input_name) -%}
    {%- set location = var('input_' ~ input_name, none) -%}
    {%- if location is none or location | string | trim == '' -%}
        {%- if input_contract()[input_name].required -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "' is required, and the variable input_"
                ~ input_name ~ " is empty. Set it to a table (shop.orders) or a file "
                ~ "(data/orders.csv, data/orders.parquet); the table may be empty."
            ) }}
        {%- endif -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set location = location | trim -%}
    {%- if location.endswith('.csv') or location.endswith('.parquet') -%}
        {{ return(file_rows(input_name, location)) }}
    {%- elif '.' in location -%}
        {%- set parts = location.split('.') -%}
        {%- if execute and adapter.get_relation(
            parts[-3] if parts | length > 2 else target.database, parts[-2], parts[-1]
        ) is none -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "': the variable input_" ~ input_name
                ~ " names the table '" ~ location ~ "', and the database has no such "
                ~ "table. Check its schema and spelling."
            ) }}
        {%- endif -%}
        {{ return(location) }}
    {%- endif -%}
    {{ return(ref(location)) }}
{%- endmacro %}


{#
    The columns an input really has, with the types the database gives them.

    input_name: a name of the input contract.
    Returns: dict, lower-case column name -> upper-case type; empty where the input is
    absent. Before the database is reached (parsing, linting, a seed that is not
    loaded yet, a unit test's rows) every contract column as text, as in a csv.
    Errors: a required column that the input lacks.
#}
{% macro input_columns(input_name) -%}
    {%- set contract = input_contract()[input_name] -%}
    {%- set source = raw(input_name) -%}
    {%- if source is none -%}
        {{ return({}) }}
    {%- endif -%}
    {%- set columns = {} -%}
    {#- The rows of a unit test are a CTE, which no schema holds. -#}
    {%- set is_ready = execute and (
        source is string or (not source.is_cte and load_relation(source))
    ) -%}
    {%- if not is_ready -%}
        {%- for name in contract.columns -%}
            {%- do columns.update({name: 'VARCHAR'}) -%}
        {%- endfor -%}
        {{ return(columns) }}
    {%- endif -%}
    {%- do columns.update(column_types(source)) -%}
    {%- for name, column in contract.columns.items() -%}
        {%- if column.required and name not in columns -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "' (" ~ var('input_' ~ input_name)
                ~ ") has no column '" ~ name ~ "', which is required. It has: "
                ~ columns.keys() | join(', ') ~ ". Rename the column or put a view "
                ~ "with that name in front of the table."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{#
    The key of an input: logins are known by login_id if they carry one, else by
    customer and instant.

    Returns: list of column names.
#}
{% macro input_key(input_name) -%}
    {%- set contract = input_contract()[input_name] -%}
    {%- if 'key_without_id' in contract
        and contract.key[0] not in input_columns(input_name) -%}
        {{ return(contract.key_without_id) }}
    {%- endif -%}
    {{ return(contract.key) }}
{%- endmacro %}
