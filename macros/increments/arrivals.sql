{#
    How a build reads only the raw rows that arrived, where it can know them.

    It can where an input is parquet files: a file is known by its name, size and time
    of change, and the judged rows of a file stay as long as it does. What is said of a
    raw row depends on the row, on the rows with its key and on the account it names;
    these are read again beside the new files, and no others. Any other input (csv, a
    table), and files of which one changed or vanished, are read whole.
#}


{# Returns: the inputs whose judged rows are stored: those with the most rows. #}
{% macro stored_inputs() -%}
    {{ return(['orders', 'logins', 'events']) }}
{%- endmacro %}


{#
    The files of an input, as they are now.

    Returns: list of {name, key}; the key is a number that differs where the file or the
    columns of the input do. None where the input is no parquet, is mapped, or has a
    column that hides what the reader tells of a row's place.
#}
{% macro raw_files(input_name) -%}
    {%- set given = given_input(input_name) -%}
    {%- if not execute
        or target.type != 'duckdb'
        or given is none
        or given.columns
        or given['values']
        or not given['from'].endswith('.parquet') -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set columns, files = input_columns(input_name), [] -%}
    {%- if 'filename' in columns or 'file_row_number' in columns -%}
        {{ return(none) }}
    {%- endif -%}
    {%- for name, size, changed_at in run_query(
        'select filename, size, cast(last_modified as varchar) from read_blob('
        ~ text_literal(given['from']) ~ ') order by filename'
    ) -%}
        {%- set digest = local_md5([name, size, changed_at, columns] | join('|')) -%}
        {%- do files.append({'name': name, 'key': digest[:15] | int(0, 16)}) -%}
    {%- endfor -%}
    {{ return(files) }}
{%- endmacro %}


{#
    table: the stored rows of an input.
    Returns: {new, old}, the files that have arrived since they were stored and those
    they came from. None where the input has to be read whole.
#}
{% macro arrived_files(input_name, table) -%}
    {%- set files = raw_files(input_name) -%}
    {%- if files is none -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set known = run_query('select distinct file_key from ' ~ table)
        .columns[0].values() | list -%}
    {%- set new, old = [], [] -%}
    {%- for file in files -%}
        {%- do (old if file.key in known else new).append(file) -%}
    {%- endfor -%}
    {{ return({'new': new, 'old': old} if old | length == known | length else none) }}
{%- endmacro %}


{# Before a run: drops the stored rows of inputs that have to be read whole. #}
{% macro drop_unreadable() -%}
    {%- if is_building() and not flags.FULL_REFRESH -%}
        {%- for input_name in stored_inputs() -%}
            {%- set id = 'model.customer_ops.base_shop__' ~ input_name -%}
            {%- if id in selected_resources -%}
                {%- set table = stored_table(graph.nodes[id]) -%}
                {%- if table is not none
                    and arrived_files(input_name, table) is none -%}
                    {%- do adapter.drop_relation(table) -%}
                {%- endif -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#
    The raw rows that a build judges.

    Returns: SQL behind "from", a row's name being raw_input: all rows, or those that
    arrived and those whose verdict may change with them.
    Errors: a file that was there when the run began is not there any more.
#}
{% macro raw_rows(input_name) -%}
    {%- if input_name not in stored_inputs() -%}
        {{ return(raw(input_name) ~ ' as raw_input') }}
    {%- endif -%}
    {%- if not execute -%}
        {#- What the rows depend on is learnt now, while the project is parsed. -#}
        {%- do ref('stg_shop__account_changes') -%}
    {%- endif -%}
    {%- if not execute or not is_incremental() -%}
        {{ return(raw(input_name) ~ ' as raw_input') }}
    {%- endif -%}
    {%- set files = arrived_files(input_name, this) -%}
    {%- if files is none -%}
        {{ exceptions.raise_compiler_error(
            "Input '" ~ input_name ~ "': a file of " ~ given_input(input_name)['from']
            ~ " was changed or removed while the build ran. Run it again."
        ) }}
    {%- endif -%}
    {#- Old files are searched in the columns that decide; most have no such row. -#}
    {%- set concerned = [] -%}
    {%- if files.old -%}
        {%- for row in run_query(
            'select distinct raw_input.filename from '
            ~ parquet_rows(input_name, files.old)
            ~ ' and (' ~ is_concerned(input_name, files, files.new + files.old) ~ ')'
        ) -%}
            {%- do concerned.append({'name': row[0]}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set read = files.new + concerned -%}
    {{ return(
        raw(input_name) ~ ' as raw_input where false' if not read
        else parquet_rows(input_name, read) if not concerned
        else parquet_rows(input_name, read)
            ~ ' and (' ~ is_concerned(input_name, files, read) ~ ')'
    ) }}
{%- endmacro %}


{#
    The rows of some files of an input, in the columns and types that all of its files
    are read in: those of the first. DuckDB reads no rows of other files.

    files: list of {name}. Returns: SQL behind "from", which ends with a condition.
#}
{% macro parquet_rows(input_name, files) -%}
    {{ raw(input_name) }} as raw_input
    where raw_input.filename in ({{ file_names(files) }})
{%- endmacro %}


{# files: list of {name}. Returns: SQL list of their names. #}
{% macro file_names(files) -%}
    {%- for file in files -%}
        {{ text_literal(file.name) }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    Whether a raw row is judged by this build: one that makes it do so, or one with the
    key of such a row.

    files: as of arrived_files. read: the files in which rows with equal keys can be.
    Returns: SQL of a boolean over raw_input.
#}
{% macro is_concerned(input_name, files, read) -%}
    {%- set raw_columns, keys = input_columns(input_name), [] -%}
    {%- for name in input_key(input_name) if name in raw_columns -%}
        {%- do keys.append(read_column(
            'raw_input.' ~ name, raw_columns[name],
            input_contract()[input_name].columns[name].type
        )) -%}
    {%- endfor -%}
    ({{ makes_concerned(input_name, files) }})
    {%- if keys %}
    or ({{ keys | join(', ') }}) in (
        select {{ keys | join(', ') }}
        from {{ parquet_rows(input_name, read) }}
            and ({{ makes_concerned(input_name, files) }})
    )
    {%- endif -%}
{%- endmacro %}


{#
    Whether a raw row is in a new file, names an account that changed, or may have been
    judged by another clock.

    Returns: SQL of a boolean over raw_input.
#}
{% macro makes_concerned(input_name, files) -%}
    {%- set raw_columns = input_columns(input_name) -%}
    {%- set changes = ref('stg_shop__account_changes') -%}
    {%- set asks_for_erased = leaves_out(input_name) and run_query(
        'select count(*) from ' ~ changes ~ ' where is_erased'
    )[0][0] > 0 -%}
    raw_input.filename in ({{ file_names(files.new) or 'null' }})
    {%- for name, kind in naming_columns(input_name).items() if kind == 'account' %}
    {%- set account = read_column('raw_input.' ~ name, raw_columns[name], 'text') %}
    {%- if name == 'user_id' %}
    or {{ account }} in (select user_id from {{ changes }})
    {%- endif -%}
    {%- if asks_for_erased %}
    or {{ naming_hash(kind, account) }} in (
        select user_id from {{ changes }} where is_erased
    )
    {%- endif -%}
    {%- endfor %}
    or (raw_input.filename, raw_input.file_row_number) in (
        select files.name, stored.file_row_number
        from {{ this }} as stored
        inner join (
            values
            {% for file in files.new + files.old -%}
                ({{ text_literal(file.name) }}, {{ file.key }})
                {{- ',' if not loop.last }}
            {% endfor -%}
        ) as files (name, key) on stored.file_key = files.key
        where {{ depends_on_clock(input_name) }}
    )
{%- endmacro %}


{#
    Whether a stored row was refused, or lost a value, for lying in the future; or lies
    in the future now.

    Returns: SQL of a boolean over the stored row.
#}
{% macro depends_on_clock(input_name) -%}
    stored.all_reason_codes like '%future_timestamp%'
    {%- for name, column in input_contract()[input_name].columns.items()
        if column.type == 'timestamp' %}
    or {{ is_future('stored.' ~ name, column.type) }}
    {%- if nulls_bad_values(column) %}
    or stored.{{ name }}_nulled_value is not null
    {%- endif -%}
    {%- endfor -%}
{%- endmacro %}


{#
    Where a raw row is: the key of its file and its number there, null where the input
    is not read by files.

    Returns: SQL of two columns over raw_input, with a comma behind.
#}
{% macro place_columns(input_name) -%}
    {%- if input_name in stored_inputs() -%}
        {%- set files = raw_files(input_name) -%}
        {%- if files -%}
            case raw_input.filename
                {% for file in files -%}
                    when {{ text_literal(file.name) }} then {{ file.key }}
                {% endfor -%}
            end as file_key,
            raw_input.file_row_number,
        {%- else -%}
            cast(null as bigint) as file_key,
            cast(null as bigint) as file_row_number,
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
