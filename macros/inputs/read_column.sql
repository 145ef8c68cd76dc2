{#
    Reading one raw column as its contract type. A column that already has the type
    passes as it is; text is checked by a pattern before it is cast, because engines
    accept 'now', 'NaN', '1e3' or '12:30' each in its own way; any other type takes the
    way through text. What cannot be read becomes null; the caller tells "absent" from
    "unreadable" by the raw value.
#}


{#
    expression: the raw column. raw_type: its type in the database. type: contract type.
    Returns: SQL of the typed value, null where it is absent or unreadable.
#}
{% macro read_column(expression, raw_type, type) -%}
    {%- set is_decimal = raw_type.startswith('DECIMAL') -%}
    {%- set is_integer = raw_type in (
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'UTINYINT', 'USMALLINT', 'UINTEGER'
    ) -%}
    {%- set is_float = raw_type in ('FLOAT', 'DOUBLE') -%}
    {%- set is_instant = raw_type == 'TIMESTAMP WITH TIME ZONE' -%}
    {%- set is_wall_time = not is_instant and raw_type.startswith('TIMESTAMP') -%}
    {%- set text = trimmed_text(expression, raw_type) -%}

    {%- if type == 'text' -%}
        {{ text }}

    {%- elif type == 'timestamp' -%}
        {%- if is_instant -%}
            {{ utc_timestamp(expression) }}
        {%- elif is_wall_time or raw_type == 'DATE' -%}
            {{ instant_of_wall_time(
                expression if raw_type == 'TIMESTAMP'
                else 'cast(' ~ expression ~ ' as timestamp)'
            ) }}
        {%- else -%}
            {{ read_timestamp(text) }}
        {%- endif -%}

    {%- elif type in ('date', 'date_or_timestamp') -%}
        {%- if raw_type == 'DATE' -%}
            {{ expression }}
        {%- elif is_instant or is_wall_time -%}
            {{ local_date(read_column(expression, raw_type, 'timestamp')) }}
        {%- elif type == 'date' -%}
            {{ read_date(text) }}
        {%- else -%}
            coalesce({{ read_date(text) }}, {{ local_date(read_timestamp(text)) }})
        {%- endif -%}

    {%- elif type in ('money', 'decimal') -%}
        {%- set sql_type = contract_sql_type(type) -%}
        {%- set digits = {'money': 2, 'decimal': 6}[type] -%}
        {%- if raw_type == sql_type | upper | replace(', ', ',') -%}
            {{ expression }}
        {%- elif is_decimal or is_integer -%}
            {{ try_cast('round(' ~ expression ~ ', ' ~ digits ~ ')', sql_type) }}
        {%- elif is_float -%}
            {#- Eight decimals first: 1.005 is 1.00499999… in binary, and its owner
                means 1.005. -#}
            {{ try_cast(
                'round(' ~ try_cast(expression, 'decimal(30, 8)') ~ ', ' ~ digits ~ ')',
                sql_type
            ) }}
        {%- else -%}
            cast(
                case
                    when {{ matches(text, '^[+-]?[0-9]{1,15}([.][0-9]+)?$') }}
                        then round(
                            cast({{ eight_decimals(text) }} as decimal(30, 8)),
                            {{ digits }}
                        )
                end as {{ sql_type }}
            )
        {%- endif -%}

    {%- elif type == 'integer' -%}
        {%- if is_integer -%}
            {{ expression if raw_type == 'BIGINT'
                else 'cast(' ~ expression ~ ' as bigint)' }}
        {%- elif is_decimal or is_float -%}
            case
                when {{ expression }} = floor({{ expression }})
                    then {{ try_cast(expression, 'bigint') }}
            end
        {%- else -%}
            case
                when {{ matches(text, '^[+-]?[0-9]{1,15}([.]0+)?$') }}
                    then cast(split_part({{ text }}, '.', 1) as bigint)
            end
        {%- endif -%}

    {%- elif type == 'boolean' -%}
        {%- if raw_type == 'BOOLEAN' -%}
            {{ expression }}
        {%- else -%}
            case lower({{ text }}) when 'true' then true when 'false' then false end
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Returns: SQL of a raw value as text without blanks around it, null if empty. #}
{% macro trimmed_text(expression, raw_type='VARCHAR') -%}
    {{- trimmed(expression if raw_type == 'VARCHAR' else as_text(expression)) -}}
{%- endmacro %}


{#
    text: SQL of trimmed text. Returns: SQL of the date written YYYY-MM-DD, else null.
#}
{% macro read_date(text) -%}
    case
        when
            {{ matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') }}
            and {{ text }} >= '0001'
            then {{ try_cast(text, 'date') }}
    end
{%- endmacro %}


{#
    text: SQL of trimmed text, YYYY-MM-DD[{T| }HH:MM[:SS[.f]]][Z|±HH:MM].
    Returns: SQL of the instant as a UTC timestamp, null if the text is none. Without an
    offset the text is wall time in input_timezone.
#}
{% macro read_timestamp(text) -%}
    {%- set clock_time = '([01][0-9]|2[0-3]):[0-5][0-9]' -%}
    {%- set offset = '(Z|[+-]' ~ clock_time ~ ')' -%}
    {#- Engines round or cut a seventh decimal of a second; 26 characters hold six. -#}
    {%- set wall_time = try_cast(
        "left(regexp_replace(" ~ text ~ ", '" ~ offset ~ "$', ''), 26)", 'timestamp'
    ) -%}
    case
        when not coalesce(
            {{ matches(
                text,
                '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]' ~ clock_time
                ~ '(:[0-5][0-9]([.][0-9]+)?)?)?' ~ offset ~ '?$'
            ) }} and {{ text }} >= '0001', false
        ) then null
        when right({{ text }}, 1) = 'Z' then {{ wall_time }}
        when {{ matches(text, '[+-]' ~ clock_time ~ '$') }}
            then {{ wall_time }} - interval '1 minute'
                * cast(left(right({{ text }}, 6), 1) || '1' as integer)
                * (
                    60 * cast(left(right({{ text }}, 5), 2) as integer)
                    + cast(right({{ text }}, 2) as integer)
                )
        else {{ instant_of_wall_time(wall_time) }}
    end
{%- endmacro %}
