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


{# Returns: the relation that keeps the fingerprints of the last finished build. #}
{% macro applied_fingerprints() -%}
    {{ return(
        ref('int_customer_fingerprints').incorporate(
            path={'identifier': 'int_customer_fingerprints_applied'}
        )
    ) }}
{%- endmacro %}


{# Returns: whether there are any. Before the database is reached there are none. #}
{% macro has_applied_fingerprints() -%}
    {{ return(execute and load_relation(applied_fingerprints()) is not none) }}
{%- endmacro %}


{#
    Returns: one text that changes with the code of the models between behaviours and
    spans. Macros are not part of it: a release that changes them says so.
#}
{% macro code_of_spans() -%}
    {%- set checksums = [] -%}
    {%- if execute -%}
        {%- for name in models_of_spans() -%}
            {%- do checksums.append(
                graph.nodes['model.customer_ops.' ~ name].checksum.checksum
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(local_md5(checksums | join(','))) }}
{%- endmacro %}


{# Returns: the models that a build of spans consists of. #}
{% macro models_of_spans() -%}
    {{ return([
        'int_customer_fingerprints',
        'int_customer_changes',
        'int_behaviour_occurrences',
        'int_rule_occurrences',
        'int_rule_borders_by_days',
        'int_rule_borders_by_sums',
        'int_customer_stage_points',
        'int_customer_stage_spans',
    ]) }}
{%- endmacro %}


{#
    At the end of a run: where all that was found has been computed, the fingerprints
    are copied and the list of changes is emptied.

    results: what on-run-end knows of the run. Returns: SQL, or nothing to run.
#}
{% macro remember_fingerprints(results) -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- set changes = ref('int_customer_changes') -%}
    {%- set built = [] -%}
    {%- for result in results if result.status == 'success' -%}
        {%- do built.append(result.node.name) -%}
    {%- endfor -%}
    {%- if models_of_spans() | reject('in', built) | list | length == 0 -%}
        create or replace table {{ applied_fingerprints() }} as
        select * from {{ fingerprints }};
        delete from {{ changes }};
    {%- endif -%}
{%- endmacro %}


{#
    Before a stored table is built from empty: its working tables must hold everybody.

    Errors: they hold only those who changed, because the table was selected alone.
#}
{% macro refuse_partial_rebuild() -%}
    {%- if execute and not is_incremental() -%}
        {%- set missing = run_query(
            'select count(*) from ' ~ ref('int_customers') ~ ' as customers left join '
            ~ ref('int_customer_changes') ~ ' as changes on customers.customer_key = '
            ~ 'changes.customer_key and changes.changed_from = ' ~ first_date()
            ~ ' where changes.customer_key is null'
        )[0][0] -%}
        {%- if missing > 0 -%}
            {{ exceptions.raise_compiler_error(
                "Table '" ~ this.identifier ~ "' is to be built from empty, but only "
                ~ "the customers who changed since the last build were prepared; "
                ~ missing ~ " others are missing. Run: dbt build --full-refresh"
            ) }}
        {%- endif -%}
    {%- endif -%}
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
