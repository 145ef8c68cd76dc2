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
        {%- do built.append(result.node.name) -%}
    {%- endfor -%}
    {%- if [
        'stg_shop__account_changes',
        'base_shop__orders',
        'base_shop__logins',
        'base_shop__events',
    ] | reject('in', built) | list | length == 0 -%}
        drop table if exists {{ applied(accounts) }};
        create table {{ applied(accounts) }} as
        select user_id, is_accepted from {{ accounts }};
        delete from {{ account_changes }};
    {%- endif -%}
    {%- if [
        'int_customer_fingerprints',
        'int_customer_changes',
        'int_behaviour_days_widened',
        'int_customer_days',
        'int_customer_periods',
        'int_everyday_behaviours',
        'int_behaviour_occurrences',
        'int_rule_occurrences',
        'int_rule_borders_by_days',
        'int_rule_borders_by_sums',
        'int_customer_stage_points',
        'int_customer_stage_spans',
    ] | reject('in', built) | list | length == 0 -%}
        drop table if exists {{ applied(fingerprints) }};
        create table {{ applied(fingerprints) }} as
        select * from {{ fingerprints }};
        delete from {{ customer_changes }};
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
