{#
    What personal data become where they must not be known: salted hashes, and of people
    who have been erased nothing at all (docs/privacy.md).

    The salt is never part of a statement: those are written to target/ and to logs, and
    copied about. It lies in a table beside the raw e-mails, which are as dear, and is
    put there as a parameter.
#}


{# Returns: the table of one row that holds the salt, in the schema of staging. #}
{% macro salt_table() -%}
    {%- set users = graph.get('nodes', {}).get('model.customer_ops.base_shop__users')
        if execute else none -%}
    {{ return(api.Relation.create(
        database=target.database or none,
        schema=users.schema if users else target.schema ~ '_staging',
        identifier='identity_salt',
        type='table',
    )) }}
{%- endmacro %}


{# Returns: SQL of the salt. #}
{% macro identity_salt() -%}
    (select identity_salt.salt from {{ salt_table() }} as identity_salt)
{%- endmacro %}


{# text: SQL of a text. Returns: SQL of the md5 of the salt and the text. #}
{% macro salted_hash(text) -%}
    md5({{ identity_salt() }} || {{ text }})
{%- endmacro %}


{# Before a run: puts the salt of the environment where models read it. #}
{% macro keep_salt() -%}
    {#- Read while the project is parsed, it would be written to dbt's cache. -#}
    {%- if execute -%}
        {%- set salt = env_var('IDENTITY_SALT', var('identity_salt') or '') -%}
        {%- set table = salt_table() -%}
        {%- set is_kept = load_relation(table) is not none
            and run_query('select salt from ' ~ table).columns[0].values() | list
                == [salt] -%}
        {%- if not is_kept -%}
            {%- do adapter.create_schema(table) -%}
            {%- do run_query('drop table if exists ' ~ table) -%}
            {%- do run_query(
                'create table ' ~ table ~ ' (salt ' ~ engine_type('varchar') ~ ')'
            ) -%}
            {%- do insert_unseen(table, salt) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# Writes a text into a table of one column, without it standing in the statement. #}
{% macro insert_unseen(table, text) -%}
    {%- set value, given = get_binding_char(), text -%}
    {%- if target.type == 'spark' -%}
        {#- A session there puts a text between quotes without looking at it. -#}
        {%- set value = 'cast(unhex(%s) as string)' -%}
        {%- set given = text.encode('utf-8').hex() -%}
    {%- endif -%}
    {%- do adapter.add_query(
        'insert into ' ~ table ~ ' values (' ~ value ~ ')',
        auto_begin=false, bindings=[given], abridge_sql_log=true,
    ) -%}
{%- endmacro %}


{#
    The columns of an input that name a person, or an order of one. What such a column
    names is part of the hash, so that no account is taken for a phone.

    Returns: dict, column name -> what it names.
#}
{% macro naming_columns(input_name) -%}
    {%- set kinds = {
        'user_id': 'account',
        'referrer_id': 'account',
        'referee_id': 'account',
        'target_user_id': 'account',
        'anonymous_id': 'anonymous',
        'respondent_id': 'respondent',
        'email': 'email',
        'guest_email': 'email',
        'phone': 'phone',
        'id_value': 'identity',
        'order_id': 'order',
    } -%}
    {%- set found = {} -%}
    {%- for name in input_columns(input_name)
        if name in kinds and name in input_contract()[input_name].columns -%}
        {%- do found.update({name: kinds[name]}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#
    kind: what the text names; of an identity its id_type says it. text: SQL of it,
    trimmed. Returns: SQL of its hash.
#}
{% macro naming_hash(kind, text) -%}
    {%- if kind == 'identity' -%}
        case id_type
            {% for named in ('email', 'phone', 'anonymous') -%}
                when '{{ named }}' then {{ naming_hash(named, text) }}
            {% endfor -%}
        end
    {%- else -%}
        {%- set compared = {
            'email': normalised_email(text),
            'phone': normalised_phone(text),
        }.get(kind, text) -%}
        {{ salted_hash("'" ~ kind ~ ":' || " ~ compared) }}
    {%- endif -%}
{%- endmacro %}


{#
    Returns: the list of people who have been erased; none in a unit test, which would
    have to give a ref, and knows no graph.
#}
{% macro erased_people() -%}
    {%- if not execute -%}
        {{ return(ref('erased_people')) }}
    {%- endif -%}
    {%- set node = graph.get('nodes', {}).get('seed.customer_ops.erased_people') -%}
    {{ return(
        api.Relation.create(node.database, node.schema, node.alias) if node else none
    ) }}
{%- endmacro %}


{#
    Whether an input may have rows that are to be left out. While the list is empty no
    row is hashed.

    Returns: true or false (in Jinja).
    Errors: the list was made with another salt, and nobody would be found on it.
#}
{% macro leaves_out(input_name) -%}
    {%- if not naming_columns(input_name) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set list = erased_people() -%}
    {%- if not execute or list is string -%}
        {{ return(true) }}
    {%- elif list is none or load_relation(list) is none -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set lines, foreign = run_query(
        'select count(*), count(case when salt_hash <> ' ~ salt_mark()
        ~ ' then 1 end) from ' ~ list
    ).rows[0].values() -%}
    {%- if foreign > 0 -%}
        {{ exceptions.raise_compiler_error(
            "The list of erased people (seeds/reference/erased_people.csv) was written "
            ~ "with another IDENTITY_SALT (" ~ foreign ~ " of " ~ lines ~ " lines), "
            ~ "and they would all come back. Set the salt of that time again."
        ) }}
    {%- endif -%}
    {{ return(lines > 0) }}
{%- endmacro %}


{# Returns: SQL of a text that tells one salt from another, too short to betray it. #}
{% macro salt_mark() -%}
    left({{ salted_hash("'erased_people'") }}, 6)
{%- endmacro %}


{#
    Raw rows with the erased ones made empty: rows that name somebody on the list, an
    account with the e-mail or phone of somebody on it, or an order of theirs. Only the
    key by which other inputs name such a row stays, hashed.

    typed: a query of the typed rows, as checked_input reads them.
    Returns: a query of the same columns and is_erased.
#}
{% macro without_erased(input_name, typed) -%}
    {%- set names = naming_columns(input_name) -%}
    {%- set raw_columns = input_columns(input_name) -%}
    {%- set key = {'users': 'user_id', 'orders': 'order_id'}.get(input_name) -%}
    {%- set conditions = ['false'] -%}
    {%- for name in names if names[name] != 'order' or name != key -%}
        {%- do conditions.append('erased_' ~ name ~ '.name_hash is not null') -%}
    {%- endfor -%}
    select
        {% for name, column in input_contract()[input_name].columns.items() -%}
            case when not is_erased then {{ name }}
                {{- ' else ' ~ name ~ '_hash' if name == key }} end as {{ name }},
            {% if name in raw_columns and keeps_text(column, raw_columns[name]) -%}
                case when not is_erased then {{ name }}_text end as {{ name }}_text,
            {% endif -%}
        {% endfor -%}
        {{ 'file_key, file_row_number,' if input_name in stored_inputs() }}
        case when not is_erased then raw_row end as raw_row,
        is_erased
    from (
        select
            hashed.*,
            {{ conditions | join(' or ') }} as is_erased
        from (
            select
                {% for name, kind in names.items() -%}
                    {{ naming_hash(kind, name) }} as {{ name }}_hash,
                {% endfor -%}
                typed.*
            from ({{ typed }}) as typed
        ) as hashed
        {% for name, kind in names.items() if kind != 'order' or name != key -%}
            left join ({{ erased_names(input_name, kind) }}) as erased_{{ name }}
                on hashed.{{ name }}_hash = erased_{{ name }}.name_hash
        {% endfor -%}
    ) as marked
{%- endmacro %}


{# Returns: a query of the hashes that make a row erased, each once. #}
{% macro erased_names(input_name, kind) -%}
    {%- set others = {'account': ('users', 'user_id'), 'order': ('orders', 'order_id')}
        .get(kind) -%}
    select distinct name_hash from {{ erased_people() }} as erased_people
    {%- if others and input_name != others[0] %}
    union
    select {{ others[1] }} as name_hash from {{ ref('base_shop__' ~ others[0]) }}
    where reason_code = 'erased'
    {%- endif %}
{%- endmacro %}
