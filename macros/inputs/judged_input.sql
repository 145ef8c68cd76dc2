{#
    Keeps one row of every key among those that broke no rule so far.

    input_name: a name of the input contract.
    result: the name of the column that says why a row is left out.
    Reads two CTEs: contract_checked, the contract columns of every raw row, and
    rule_checked, the same rows with row_reason_codes, null where none is broken.
    Returns: a select of rule_checked plus that column (null where the row is accepted).
    The survivor is the one updated last if the input says so, else the first by the
    contract's columns, and of those equal in all of them the first as it was written.
    Repeated keys are few: to find them first and rank only their rows saves a sort of
    the whole input.
#}
{% macro without_duplicates(input_name, result='all_reason_codes') -%}
    {%- set keys = input_key(input_name) -%}
    with

    repeated_keys as (

        select {{ keys | join(', ') }}

        from contract_checked

        group by {{ keys | join(', ') }}

        having count(*) > 1

    )

    select
        *,
        case
            when row_number() over (
                partition by {{ keys | join(', ') }}
                order by
                    {% if 'updated_at' in input_columns(input_name) -%}
                        updated_at desc nulls last,
                    {% endif -%}
                    {% for name in input_contract()[input_name].columns -%}
                        {{ name }} asc nulls first,
                    {% endfor -%}
                    {{ raw_record(input_name) }}
            ) > 1 then 'duplicate_key'
        end as {{ result }}

    from (
        select rule_checked.*

        from rule_checked
        inner join repeated_keys on {{ same(keys, 'rule_checked', 'repeated_keys') }}

        where rule_checked.row_reason_codes is null
    ) as candidates

    union all

    select
        rule_checked.*,
        rule_checked.row_reason_codes as {{ result }}

    from rule_checked
    left join repeated_keys on {{ same(keys, 'rule_checked', 'repeated_keys') }}

    where
        repeated_keys.{{ keys[0] }} is null
        or rule_checked.row_reason_codes is not null
{%- endmacro %}


{# Returns: SQL of the condition that two relations agree in some columns. #}
{% macro same(columns, left, right) -%}
    {%- for name in columns -%}
        {{ left }}.{{ name }} = {{ right }}.{{ name }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    The contract columns of an input, with the refused values beside them.

    kept: the columns to list, all by default; refused values are listed always. At a
    hundred million rows, an id that nothing reads costs more to write than all else to
    compute.
    Returns: a comma-ended list of columns.
#}
{% macro contract_columns(input_name, kept=none) -%}
    {%- for name, column in input_contract()[input_name].columns.items() -%}
        {% if kept is none or name in kept -%}
            {{ name }},
        {% endif -%}
        {% if nulls_bad_values(column) -%}
            {{ name }}_nulled_value,
        {% endif -%}
    {%- endfor -%}
{%- endmacro %}


{#
    What the audit says of a row; all four columns are null where it is accepted, so
    that raw rows are turned to text only when they are lost to the metrics.

    key, record: SQL of row_key and raw_record where they are known already.
    Returns: reason_code (the first rule broken), all_reason_codes, row_key, raw_record.
#}
{% macro rejection_columns(input_name, key=none, record=none) -%}
    {%- set key = key or row_key(input_name) -%}
    {%- set record = record or raw_record(input_name) -%}
    split_part(all_reason_codes, ',', 1) as reason_code,
    {#- An erased row is empty, and breaks other rules only because it is. #}
    case when all_reason_codes like 'erased,%' then 'erased' else all_reason_codes end
        as all_reason_codes,
    case when all_reason_codes is not null then {{ key }} end as row_key,
    case when all_reason_codes is not null then coalesce({{ record }}, '{}') end
        as raw_record
{%- endmacro %}


{# Returns: SQL of a raw row as one JSON text; of an absent input there is none. #}
{% macro raw_record(input_name) -%}
    {{ row_as_text('raw_row') if input_columns(input_name) else as_text('null') }}
{%- endmacro %}


{#
    Returns: SQL of the key of a raw row as one text, null where it has none. Reads
    raw_row.
#}
{% macro row_key(input_name) -%}
    {%- set raw_columns, texts = input_columns(input_name), [] -%}
    {%- for name in input_key(input_name) -%}
        {%- do texts.append(
            trimmed_text(column_of_row('raw_row', name), raw_columns[name])
            if name in raw_columns else as_text('null')
        ) -%}
    {%- endfor -%}
    {%- if texts | length == 1 -%}
        {{ texts[0] }}
    {%- else -%}
        case
            when coalesce({{ texts | join(', ') }}) is not null
                then concat(
                    {% for text in texts -%}
                        coalesce({{ text }}, ''){{ ", '|', " if not loop.last }}
                    {%- endfor %}
                )
        end
    {%- endif -%}
{%- endmacro %}
