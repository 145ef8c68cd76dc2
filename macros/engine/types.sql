{#
    The names of types that the engines do not share. Contracts, seeds and the types of
    input columns are written in DuckDB's words everywhere and translated here.
#}


{# Returns: the engine's own name of a type that is named in DuckDB's words. #}
{% macro engine_type(name) -%}
    {{ return({
        'postgres': {'double': 'double precision'},
        'spark': {'varchar': 'string'},
    }.get(target.type, {}).get(name, name)) }}
{%- endmacro %}


{# Returns: SQL of a number as a floating point number of eight bytes. #}
{% macro as_double(value) -%}
    cast({{ value }} as {{ engine_type('double') }})
{%- endmacro %}


{# Returns: SQL of a value as text. #}
{% macro as_text(value) -%}
    cast({{ value }} as {{ engine_type('varchar') }})
{%- endmacro %}


{#
    A cast that gives null where the value has no place in the type.

    value: SQL of a number; for dates and timestamps of a text that looks like one,
    YYYY-MM-DD[{T| }HH:MM[:SS[.f]]]. type: date, timestamp, bigint or decimal(p, s).
    Returns: SQL of the type.
#}
{% macro try_cast(value, type) -%}
    {{ return(adapter.dispatch('try_cast', 'customer_ops')(value, type)) }}
{%- endmacro %}

{% macro default__try_cast(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}

{# PostgreSQL has no such cast: what it would refuse is left out beforehand. #}
{% macro postgres__try_cast(value, type) -%}
    cast(case when {{ fits(value, type) }} then {{ value }} end as {{ type }})
{%- endmacro %}

{% macro fits(value, type) -%}
    {%- if type == 'bigint' -%}
        abs({{ value }}) < 9223372036854775807
    {%- elif type.startswith('decimal') -%}
        {%- set digits = modules.re.findall('[0-9]+', type) -%}
        abs({{ value }}) < 1{{ '0' * (digits[0] | int - digits[1] | int) }}
    {%- else -%}
        {%- set year = 'cast(left(' ~ value ~ ', 4) as integer)' -%}
        {%- set month = 'substring(' ~ value ~ ', 6, 2)' -%}
        substring({{ value }}, 9, 2) between '01' and case
            when {{ month }} in ('01', '03', '05', '07', '08', '10', '12') then '31'
            when {{ month }} in ('04', '06', '09', '11') then '30'
            when {{ month }} <> '02' then '00'
            when mod({{ year }}, 400) = 0 then '29'
            when mod({{ year }}, 100) = 0 then '28'
            when mod({{ year }}, 4) = 0 then '29'
            else '28'
        end
    {%- endif -%}
{%- endmacro %}


{#
    The columns of a relation or query with their types in DuckDB's words.

    source: SQL that can stand behind "from".
    Returns: dict, lower-case column name -> upper-case type.
#}
{% macro column_types(source) -%}
    {{ return(named_types(described_columns(source))) }}
{%- endmacro %}


{#
    source: SQL that can stand behind "from": a relation, or a query in parentheses.
    Returns: rows of a column's name, as it is written, and its type in the engine's
    words.
#}
{% macro described_columns(source) -%}
    {{ return(adapter.dispatch('described_columns', 'customer_ops')(source)) }}
{%- endmacro %}

{% macro default__described_columns(source) -%}
    {{ return(run_query('describe select * from ' ~ source).rows) }}
{%- endmacro %}

{% macro postgres__described_columns(source) -%}
    {%- if not (source | string).startswith('(') -%}
        {{ return(run_query(
            "select attname, format_type(atttypid, atttypmod) from pg_attribute"
            ~ " where attrelid = " ~ text_literal(source) ~ "::regclass and attnum > 0"
            ~ " and not attisdropped order by attnum"
        ).rows) }}
    {%- endif -%}
    {#- A query has no catalogue; a row of nulls has the types of its columns. -#}
    {%- set names, types = [], [] -%}
    {%- for name in run_query(
        'select * from ' ~ source ~ ' as described limit 0'
    ).column_names -%}
        {%- do names.append(name) -%}
        {%- do types.append(
            'pg_typeof(described.' ~ quoted_name(name) ~ ')::text'
        ) -%}
    {%- endfor -%}
    {{ return(zip(names, run_query(
        'select ' ~ types | join(', ') ~ ' from (select 1) as one_row left join '
        ~ source ~ ' as described on false'
    ).rows[0].values()) | list) }}
{%- endmacro %}

{# rows: of a column's name and its type in the engine's words. #}
{% macro named_types(rows) -%}
    {%- set types = {} -%}
    {%- for row in rows -%}
        {#- A timestamp of fewer decimals is read as any other: timestamp(3). -#}
        {%- set type = modules.re.sub(
            '^TIMESTAMP[(][0-9][)]', 'TIMESTAMP', row[1] | upper
        ) -%}
        {%- set type = {
            'TEXT': 'VARCHAR',
            'STRING': 'VARCHAR',
            'INT': 'INTEGER',
            'REAL': 'FLOAT',
            'DOUBLE PRECISION': 'DOUBLE',
            'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
            'TIMESTAMP_NTZ': 'TIMESTAMP',
            'TIMESTAMP': 'TIMESTAMP WITH TIME ZONE' if target.type == 'spark'
                else 'TIMESTAMP',
        }.get(type, type) -%}
        {%- if type.startswith('CHARACTER') -%}
            {%- set type = 'VARCHAR' -%}
        {%- endif -%}
        {%- do types.update({row[0] | lower: type | replace('NUMERIC', 'DECIMAL')}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}
