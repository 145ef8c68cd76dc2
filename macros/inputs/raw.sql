{#
    Where an input comes from, and how its columns are named there.

    input_name: a name of the input contract, for example 'orders'.
    Returns: SQL to put behind "from": the sample seed or a model of dbt (a bare name,
    ref('…') or source('…', '…')), a relation (schema.table), a csv or parquet file, an
    engine's table function; or a query over one of them that gives the columns their
    canonical names.
    None where an optional input is absent.
    Errors: a required input that is absent; a file or relation that does not exist; a
    mapping that names what is not there.
#}
{% macro raw(input_name) -%}
    {%- set given = given_input(input_name) -%}
    {%- if given is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set source = rows_at(input_name, given['from']) -%}
    {{ return(
        mapped_rows(input_name, given, source)
        if given.columns or given['values'] else source
    ) }}
{%- endmacro %}


{#
    What the variable of an input says: the one place that reads the variables input_*.

    Returns: {from, columns, values}, a location and what is mapped; none where the
    input is absent. An input that is left out is the sample's, but only beside the
    sample's orders: no shop shall be mixed with it.
    Errors: a required input that is absent; a mapping that has other parts.
#}
{% macro given_input(input_name) -%}
    {%- set given = var('input_' ~ input_name, none) -%}
    {%- if given is string -%}
        {%- set given = {'from': given} -%}
    {%- endif -%}
    {%- set parts = ['from', 'columns', 'values'] -%}
    {%- if given is not none and (
        given is not mapping
        or given.keys() | reject('in', parts) | list
        or given.get('from') is not string
    ) -%}
        {{ exceptions.raise_compiler_error(
            "Input '" ~ input_name ~ "': the variable input_" ~ input_name ~ " is "
            ~ given ~ "; it must be a location, or a mapping with from (a location) "
            ~ "and, where needed, columns and values. docs/inputs.md has an example."
        ) }}
    {%- endif -%}
    {%- set location = given['from'] | trim if given is not none else '' -%}
    {%- if location == 'raw_' ~ input_name
        and var('input_orders', none) != 'raw_orders' -%}
        {%- set location = '' -%}
    {%- endif -%}
    {%- if location == '' -%}
        {%- if input_contract()[input_name].required -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "' is required, and the variable input_"
                ~ input_name ~ " is empty. Set it to a table (shop." ~ input_name
                ~ ") or a file (data/" ~ input_name ~ ".csv, data/" ~ input_name
                ~ ".parquet); the table may be empty."
            ) }}
        {%- endif -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return({
        'from': location,
        'columns': given.get('columns') or {},
        'values': given.get('values') or {},
    }) }}
{%- endmacro %}


{# Returns: SQL to put behind "from" that reads a location as it is. #}
{% macro rows_at(input_name, location) -%}
    {%- set called = modules.re.match(
        "(ref|source)[(] *['\"](\\w+)['\"] *(?:, *['\"](\\w+)['\"] *)?[)]$", location
    ) -%}
    {%- if called -%}
        {%- set names = called.groups()[1:] | select | list -%}
        {{ return(ref(*names) if called[1] == 'ref' else source(*names)) }}
    {%- elif location.endswith('.csv') or location.endswith('.parquet') -%}
        {{ return(file_rows(input_name, location)) }}
    {%- elif '(' in location -%}
        {{ return(location) }}
    {%- elif '.' in location -%}
        {%- if not execute -%}
            {{ return(location) }}
        {%- endif -%}
        {%- set parts = location.split('.') -%}
        {%- set table = adapter.get_relation(
            parts[-3] if parts | length > 2 else target.database, parts[-2], parts[-1]
        ) -%}
        {%- if table is none -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "': the variable input_" ~ input_name
                ~ " names the table '" ~ location ~ "', and the database has no such "
                ~ "table. Check its schema and spelling."
            ) }}
        {%- endif -%}
        {{ return(table.render()) }}
    {%- endif -%}
    {{ return(ref(location)) }}
{%- endmacro %}


{#
    The rows of a source with canonical column names, and beside them the columns that
    are not mapped.

    given: as of given_input. source: SQL that can stand behind "from".
    Returns: a query in parentheses.
    Errors: a column or a value is mapped that the contract does not have; a column of
    the source does not exist.
#}
{% macro mapped_rows(input_name, given, source) -%}
    {%- set contract = input_contract()[input_name] -%}
    {%- for name in given.columns.keys() | list + given['values'].keys() | list
        if name not in contract.columns -%}
        {{ exceptions.raise_compiler_error(
            "Input '" ~ input_name ~ "': input_" ~ input_name ~ " maps the column '"
            ~ name ~ "', and the contract has no such column. It has: "
            ~ contract.columns.keys() | join(', ') ~ "."
        ) }}
    {%- endfor -%}
    {#- A file's columns can be asked for at any time, a seed's once it is loaded. -#}
    {%- set found = [] -%}
    {%- if execute and (
        source is string or (not source.is_cte and load_relation(source))
    ) -%}
        {%- for row in described_columns(source) -%}
            {%- do found.append(row[0]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set selected, used = [], [] -%}
    {%- for name in contract.columns
        if name in given.columns or name in found | map('lower') -%}
        {%- set expression = mapped_column(
            input_name, given.columns.get(name, name), found
        ) -%}
        {%- do used.append(name) -%}
        {%- do selected.append(
            renamed(expression, given['values'].get(name), name)
        ) -%}
    {%- endfor -%}
    {%- for name in found if name | lower not in used -%}
        {%- do selected.append(quoted_name(name)) -%}
    {%- endfor -%}
    {{ return(
        '(select ' ~ (selected | join(', ') or '*') ~ ' from ' ~ source ~ ' as given)'
    ) }}
{%- endmacro %}


{#
    written: a column of the source or an SQL expression. found: the source's columns.
    Returns: SQL of the column.
    Errors: `written` is a bare name, and the source has no such column.
#}
{% macro mapped_column(input_name, written, found) -%}
    {%- set written = written | string | trim -%}
    {%- for name in found if name == written -%}
        {{ return(quoted_name(name)) }}
    {%- endfor -%}
    {%- for name in found if name | lower == written | lower -%}
        {{ return(quoted_name(name)) }}
    {%- endfor -%}
    {#- What has no operator, bracket or quote is no expression. -#}
    {%- if found and modules.re.match('^[^()\'"+*/|:=<>-]+$', written)
        and not modules.re.match('^([0-9.]+|null|true|false)$', written | lower) -%}
        {{ exceptions.raise_compiler_error(
            "Input '" ~ input_name ~ "': input_" ~ input_name ~ " maps to the column '"
            ~ written ~ "', and " ~ given_input(input_name)['from'] ~ " has no such "
            ~ "column. It has: " ~ found | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {{ return(written) }}
{%- endmacro %}


{#
    expression: SQL of a column. values: a value of hers -> the canonical one, or none.
    Returns: SQL of a select item. A value that is not mapped stays as it is.
#}
{% macro renamed(expression, values, name) -%}
    {%- if not values -%}
        {{ return(expression ~ ' as ' ~ name) }}
    {%- endif -%}
    {%- set text = trimmed_text(expression, 'ANY') -%}
    {%- set cases = [] -%}
    {%- for theirs, ours in values.items() -%}
        {%- do cases.append(
            'when ' ~ text_literal(theirs | string) ~ ' then '
            ~ text_literal(ours | string)
        ) -%}
    {%- endfor -%}
    {{ return(
        'case ' ~ text ~ ' ' ~ cases | join(' ') ~ ' else ' ~ text ~ ' end as ' ~ name
    ) }}
{%- endmacro %}


{#
    The columns an input really has, with the types the database gives them. A model
    asks for them many times, and the database once.

    input_name: a name of the input contract.
    Returns: dict, lower-case column name -> upper-case type; empty where the input is
    absent. Before the database is reached (parsing, linting, a seed that is not
    loaded yet, a unit test's rows) every contract column as text, as in a csv.
    Errors: a required column that the input lacks.
#}
{% macro input_columns(input_name) -%}
    {%- set asked = context.setdefault('asked_input_columns', {}) -%}
    {%- if input_name in asked -%}
        {{ return(asked[input_name]) }}
    {%- endif -%}
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
        {%- if (column.required or column.is_own) and name not in columns -%}
            {{ exceptions.raise_compiler_error(
                "Input '" ~ input_name ~ "' (" ~ given_input(input_name)['from']
                ~ ") has no column '" ~ name ~ "', which is required. It has: "
                ~ columns.keys() | join(', ') ~ ". Say which of them it is: columns: {"
                ~ name ~ ": ...} in input_" ~ input_name ~ "."
            ) }}
        {%- endif -%}
    {%- endfor -%}
    {%- do asked.update({input_name: columns}) -%}
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
