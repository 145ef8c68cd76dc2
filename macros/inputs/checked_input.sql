{#
    A raw input read by its contract, with the rules that every input shares checked.

    input_name: a name of the input contract.
    Returns: a select with one row per raw row:
      every contract column, typed; null where absent, unreadable or out of range
      <column>_nulled_value   for optional columns whose values can be refused: the raw
                              text where it was, else null
      contract_reason_codes   comma-joined codes of the common rules that the row
                              breaks, in the order of the contract; null if none
      file_key, file_row_number   where the row is, of inputs that are stored
      raw_row                 the raw row as one value, for the audit
#}
{% macro checked_input(input_name) -%}
    {%- set columns = input_contract()[input_name].columns -%}
    {%- set raw_columns = input_columns(input_name) -%}
    {%- set keys = input_key(input_name) -%}

    {%- if raw_columns | length == 0 -%}
        {#- An absent optional input is an empty one. -#}
        select
            {% for name, column in columns.items() -%}
                cast(null as {{ contract_sql_type(column.type) }}) as {{ name }},
                {% if nulls_bad_values(column) -%}
                    {{ as_text('null') }} as {{ name }}_nulled_value,
                {% endif -%}
            {%- endfor %}
            {{ as_text('null') }} as contract_reason_codes,
            {{ place_columns(input_name) }}
            {{ as_text('null') }} as raw_row
        where false
    {%- else -%}
        {%- set leaves_out = leaves_out(input_name) -%}
        {%- set typed -%}
            select
                {% for name, column in columns.items() -%}
                    {% if name in raw_columns -%}
                        {{ read_column(
                            'raw_input.' ~ name, raw_columns[name], column.type
                        ) }} as {{ name }},
                        {% if keeps_text(column, raw_columns[name]) -%}
                            {{ trimmed_text('raw_input.' ~ name, raw_columns[name]) }}
                                as {{ name }}_text,
                        {% endif -%}
                    {% else -%}
                        cast(null as {{ contract_sql_type(column.type) }})
                            as {{ name }},
                    {% endif -%}
                {% endfor -%}
                {{ place_columns(input_name) }}
                {{ whole_row('raw_input') }} as raw_row
            from {{ raw_rows(input_name) }}
        {%- endset -%}
        select
            {% for name, column in columns.items() -%}
                {%- set value = value_in_range(name, column) -%}
                {%- if 'default' in column -%}
                    coalesce(
                        {{ value }},
                        {{ "'" ~ column.default ~ "'" if column.type == 'text'
                            else column.default }}
                    ) as {{ name }},
                {%- elif value == name -%}
                    {{ name }},
                {%- else -%}
                    {{ value }} as {{ name }},
                {%- endif %}
                {% if nulls_bad_values(column) and name in raw_columns -%}
                    case when {{ value }} is null then {{ name }}_text end
                        as {{ name }}_nulled_value,
                {% elif nulls_bad_values(column) -%}
                    {{ as_text('null') }} as {{ name }}_nulled_value,
                {% endif -%}
            {%- endfor %}
            {{ "case when is_erased then 'erased' else" if leaves_out }}
            {{ common_reason_codes(columns, raw_columns, keys) }}
            {{ 'end' if leaves_out }} as contract_reason_codes,
            {{ 'file_key, file_row_number,' if input_name in stored_inputs() }}
            raw_row
        from ({{ without_erased(input_name, typed) if leaves_out else typed }})
            as typed_input
    {%- endif -%}
{%- endmacro %}


{#
    Whether the raw value is carried as text beside the typed one: to tell an unreadable
    value from an absent one, and to show a refused one. A column that arrives with its
    type needs neither, and turning a hundred million timestamps to text is not free.
#}
{% macro keeps_text(column, raw_type) -%}
    {%- set is_dated = raw_type == 'DATE' or raw_type.startswith('TIMESTAMP') -%}
    {%- set is_always_readable = {
        'text': true,
        'timestamp': is_dated,
        'date': is_dated,
        'date_or_timestamp': is_dated,
        'money': raw_type == 'DECIMAL(18,2)',
        'integer': raw_type in ('SMALLINT', 'INTEGER', 'BIGINT'),
        'boolean': raw_type == 'BOOLEAN',
    }.get(column.type, false) -%}
    {{ return(nulls_bad_values(column) or not is_always_readable) }}
{%- endmacro %}


{# Returns: the SQL type a contract type is stored as. #}
{% macro contract_sql_type(type) -%}
    {{ return({
        'text': engine_type('varchar'),
        'timestamp': 'timestamp',
        'date': 'date',
        'date_or_timestamp': 'date',
        'money': 'decimal(18, 2)',
        'decimal': 'decimal(24, 6)',
        'integer': 'bigint',
        'boolean': 'boolean',
    }[type]) }}
{%- endmacro %}


{#
    Whether a bad value of this column becomes null (and is counted) while its row
    stays: optional columns other than free text, money and the timestamps that reject.
    Money with a bound is in between: unreadable it rejects, out of bounds it is null.
#}
{% macro nulls_bad_values(column) -%}
    {{ return(
        not column.required
        and not column.reject_if_unreadable
        and (column.type != 'money' or 'min' in column)
        and (column.type != 'text' or 'allowed' in column)
    ) }}
{%- endmacro %}


{# Returns: SQL of a typed value that is null outside what the contract allows. #}
{% macro value_in_range(name, column) -%}
    {%- set conditions = [] -%}
    {%- if 'allowed' in column -%}
        {%- do conditions.append(
            name ~ " in ('" ~ column.allowed | join("', '") ~ "')"
        ) -%}
    {%- endif -%}
    {%- if 'min' in column -%}
        {%- do conditions.append(name ~ ' >= ' ~ column.min) -%}
    {%- endif -%}
    {#- A maximum that depends on the as-of date is checked where that is known. -#}
    {%- if 'max' in column and column.max is number -%}
        {%- do conditions.append(name ~ ' <= ' ~ column.max) -%}
    {%- endif -%}
    {%- if nulls_bad_values(column)
        and column.type in ('timestamp', 'date_or_timestamp') -%}
        {%- if not column.may_be_future -%}
            {%- do conditions.append('not ' ~ is_future(name, column.type)) -%}
        {%- endif -%}
        {%- do conditions.append('not ' ~ is_implausible(name, column.type)) -%}
    {%- endif -%}
    {{ return(
        'case when ' ~ conditions | join(' and ') ~ ' then ' ~ name ~ ' end'
        if conditions else name
    ) }}
{%- endmacro %}


{% macro is_future(name, type) -%}
    {{ return(
        '(' ~ name ~ ' > ' ~ future_cutoff() ~ ')' if type == 'timestamp'
        else '(' ~ name ~ ' > ' ~ local_date(future_cutoff()) ~ ')'
    ) }}
{%- endmacro %}


{% macro is_implausible(name, type) -%}
    {{ return(
        '(' ~ (local_date(name) if type == 'timestamp' else name)
        ~ " < date '" ~ var('earliest_valid_date') ~ "')"
    ) }}
{%- endmacro %}


{#
    The rules every input shares, in the order that decides the first reason.

    Returns: SQL of the comma-joined codes a row breaks, null if none.
#}
{% macro common_reason_codes(columns, raw_columns, keys) -%}
    {%- set breaks = {
        'null_key': [], 'missing_value': [], 'unparsable_timestamp': [],
        'unparsable_date': [], 'unparsable_number': [], 'future_timestamp': [],
        'implausible_timestamp': [],
    } -%}
    {%- for name, column in columns.items() if name in raw_columns -%}
        {%- set is_text = column.type == 'text' -%}
        {%- set has_text = keeps_text(column, raw_columns[name]) -%}
        {%- set is_absent = (name ~ '_text' if has_text else name) ~ ' is null' -%}
        {%- set is_unreadable = '(' ~ name ~ ' is null and ' ~ name
            ~ '_text is not null)' -%}
        {%- set is_key = name in keys and (column.required or keys | length == 1) -%}
        {%- if is_key -%}
            {%- do breaks.null_key.append(is_absent) -%}
        {%- elif column.required -%}
            {%- do breaks.missing_value.append(is_absent) -%}
        {%- endif -%}
        {%- if not is_text
            and (column.type == 'money' or not nulls_bad_values(column)) -%}
            {%- set code = {
                'timestamp': 'unparsable_timestamp', 'date': 'unparsable_date',
            }.get(column.type, 'unparsable_number') -%}
            {%- if has_text -%}
                {%- do breaks[code].append(is_unreadable) -%}
            {%- endif -%}
            {%- if column.type in ('timestamp', 'date') -%}
                {%- if not column.may_be_future -%}
                    {%- do breaks.future_timestamp.append(
                        is_future(name, column.type)
                    ) -%}
                {%- endif -%}
                {%- do breaks.implausible_timestamp.append(
                    is_implausible(name, column.type)
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    nullif(
        concat_ws(
            ','
            {%- for code, conditions in breaks.items() if conditions %},
            case when {{ conditions | join(' or ') }} then '{{ code }}' end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}
