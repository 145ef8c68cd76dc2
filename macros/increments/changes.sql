{#
    How a build finds what it has to compute again, and remembers what it has computed.

    int_customer_fingerprints says what is, a copy of it what the stored tables were
    made of. The copy is made when a build has finished: a build that was killed leaves
    the old copy and its list of changes behind, and the next one goes on from both.
#}


{# Returns: SQL of a date before all others: from the beginning. #}
{% macro first_date() -%}
    cast('0001-01-01' as date)
{%- endmacro %}


{# Returns: the copy of a relation as it was when a build had last finished. #}
{% macro applied(relation) -%}
    {{ return(
        relation.incorporate(
            path={'identifier': relation.identifier ~ '_applied'}, type='table'
        )
    ) }}
{%- endmacro %}


{# Returns: whether there is one. Before the database is reached there is none. #}
{% macro has_applied(relation) -%}
    {{ return(execute and load_relation(applied(relation)) is not none) }}
{%- endmacro %}


{#
    At the end of a run: what it was made of is copied, and the lists of what had to be
    done are emptied, where all that depends on them was done.

    results: what on-run-end knows of the run. Returns: SQL, or nothing to run.
#}
{% macro remember(results) -%}
    {%- set accounts = ref('base_shop__accounts') -%}
    {%- set account_changes = ref('stg_shop__account_changes') -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- set customer_changes = ref('int_customer_changes') -%}
    {%- set built = [] -%}
    {%- for result in results
        if result.status == 'success' and stored() == 'incremental' -%}
        {%- do built.append(result.node.unique_id) -%}
    {%- endfor -%}
    {%- if built -%}
        {%- set readers = ['model.customer_ops.stg_shop__account_changes'] -%}
        {%- set behind = [] -%}
        {%- for name in stored_inputs() -%}
            {%- do readers.append('model.customer_ops.base_shop__' ~ name) -%}
        {%- endfor -%}
        {%- for id in behind_stored() if id.startswith('model.customer_ops.') -%}
            {%- do behind.append(id) -%}
        {%- endfor -%}
        {%- if readers | reject('in', built) | list | length == 0 -%}
            {{ in_one_piece(
                'drop table if exists ' ~ applied(accounts),
                'create table ' ~ applied(accounts) ~ ' as '
                ~ 'select user_id, is_accepted, is_erased from ' ~ accounts,
                'delete from ' ~ account_changes
            ) }}
        {%- endif -%}
        {%- if behind | reject('in', built) | list | length == 0 -%}
            {{ in_one_piece(
                'drop table if exists ' ~ applied(fingerprints),
                'create table ' ~ applied(fingerprints) ~ ' as '
                ~ 'select * from ' ~ fingerprints,
                'delete from ' ~ customer_changes
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{# statements: SQL. Returns: SQL that a kill leaves undone altogether. #}
{% macro in_one_piece() -%}
    begin;
    {% for statement in varargs -%}
        {{ statement }};
    {% endfor -%}
    commit;
{%- endmacro %}


{#
    The strategy of tables that are stored by customer: of the customers in
    int_customer_changes the rows that the changed dates reach are replaced, in one
    transaction; all others stay.

    incremental_predicates of the model: SQL that is true for a row to be replaced, with
    changes.changed_from beside the row's columns.
#}
{% macro get_incremental_replace_changed_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ arguments.target_relation }}
    using {{ ref('int_customer_changes') }} as changes
    where
        {{ arguments.target_relation.identifier }}.customer_key = changes.customer_key
        and ({{ arguments.incremental_predicates | join(') and (') }});

    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}


{# Returns: SQL of the first date of the days and periods that are counted again. #}
{% macro restated_periods_from() -%}
    (select periods_from from {{ ref('int_restatement') }})
{%- endmacro %}


{# Returns: SQL of the first date of the snapshots that are measured again. #}
{% macro restated_snapshots_from() -%}
    (select snapshots_from from {{ ref('int_restatement') }})
{%- endmacro %}


{#
    The strategy of tables that are stored by date: rows from a date of int_restatement
    on are replaced, in one transaction; the rows before stay.

    incremental_predicates of the model: SQL that is true for a row to be replaced, with
    the columns of int_restatement beside the row's own. unique_key: columns; earlier
    rows that have the same as a new row are replaced too.
#}
{% macro get_incremental_replace_restated_sql(arguments) -%}
    {%- set columns = arguments.dest_columns | map(attribute='quoted') | join(', ') -%}
    {#- A reference would ask models for a hint, and their unit tests for an input. -#}
    {%- set restatement = stored_table(
        graph.nodes['model.customer_ops.int_restatement']
    ) -%}
    delete from {{ arguments.target_relation }}
    using {{ restatement }} as restatement
    where ({{ arguments.incremental_predicates | join(') and (') }});
    {% if arguments.unique_key %}
    {%- set keys = arguments.unique_key | join(', ') -%}
    delete from {{ arguments.target_relation }}
    where ({{ keys }}) in (select {{ keys }} from {{ arguments.temp_relation }});
    {% endif %}
    insert into {{ arguments.target_relation }} ({{ columns }})
    select {{ columns }} from {{ arguments.temp_relation }}
{%- endmacro %}
