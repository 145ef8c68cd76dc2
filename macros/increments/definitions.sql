{#
    How a build knows that its stored tables were made by the present definitions.

    Every incremental model signs its table with a digest of all that made it: the SQL
    of the models behind it, their macros, seeds and variables. A build that finds
    another signature drops the stored tables, and they are made from the raw rows.
    What the rows say is no part of it; int_customer_fingerprints watches them.
#}


{#
    The one place that says how the engine keeps a table from build to build. Spark's
    parquet tables know no delete and no merge: there every build makes them anew.

    Returns: a materialization.
#}
{% macro stored() -%}
    {{ return('table' if target.type == 'spark' else 'incremental') }}
{%- endmacro %}


{# Returns: the nodes of the models whose tables stay from build to build. #}
{% macro stored_models() -%}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values()
        if node.package_name == 'customer_ops'
        and node.config.materialized == 'incremental' -%}
        {%- do found.append(node) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{#
    Returns: a digest of the stored models, all models and seeds behind them, their
    macros, and every variable that any of these names. The dates of a run and the
    places of inputs are not definitions. Where the project is installed, the host's
    macros, models and seeds count that stand in for ours; what lies behind those is
    data.
#}
{% macro definition_of_stored() -%}
    {%- set node_ids, macro_ids, texts = [], [], [] -%}
    {%- for node in stored_models() -%}
        {%- do node_ids.append(node.unique_id) -%}
    {%- endfor -%}
    {#- Both lists grow while they are walked through, until nothing new is named. -#}
    {%- for id in node_ids -%}
        {%- set node = graph.nodes[id] -%}
        {%- do texts.append(id ~ node.checksum.checksum) -%}
        {%- do texts.append(node.raw_code or '') -%}
        {%- do macro_ids.extend(new_ids(node.depends_on.macros, macro_ids)) -%}
        {%- if node.resource_type == 'model' and '.customer_ops.' in id -%}
            {%- do node_ids.extend(new_ids(node.depends_on.nodes, node_ids)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for id in macro_ids -%}
        {%- set package, name = id.split('.')[1:] -%}
        {%- set macro = context[package][name].macro -%}
        {%- do texts.append(macro.macro_sql) -%}
        {%- do macro_ids.extend(new_ids(macro.depends_on.macros, macro_ids)) -%}
    {%- endfor -%}
    {%- set words = modules.re.findall("'([a-z0-9_]+)'", texts | join(' ')) -%}
    {%- for name in words | unique | sort
        if name not in ('as_of_date', 'future_cutoff_at')
        and name | replace('input_', '', 1) not in input_contract() -%}
        {%- do texts.append(name ~ '=' ~ var(name, none)) -%}
    {%- endfor -%}
    {{ return(local_md5(texts | sort | join('\n'))) }}
{%- endmacro %}


{#
    Returns: those of the ids that the project or its host owns, and that are not known
    yet.
#}
{% macro new_ids(ids, known) -%}
    {%- set found = [] -%}
    {%- for id in ids if id not in known and not id.startswith('source.') -%}
        {%- if id.split('.')[1] in ('customer_ops', project_name) -%}
            {%- do found.append(id) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}


{# A post-hook of every stored model. Returns: SQL that signs its table. #}
{% macro sign() -%}
    {%- if stored() == 'incremental' -%}
        comment on table {{ this }} is '{{ definition_of_stored() if execute }}'
    {%- endif -%}
{%- endmacro %}


{#
    Returns: whether this run builds tables on top of what an earlier one stored. Where
    the project is installed, a run may be about other models altogether.
#}
{% macro is_building() -%}
    {{ return(
        execute
        and stored() == 'incremental'
        and 'model.customer_ops.' in selected_resources | join(' ')
        and invocation_args_dict.which in ('build', 'run')
        and not flags.FULL_REFRESH
    ) }}
{%- endmacro %}


{# node: of the graph. Returns: the relation of its table, none if there is none. #}
{% macro stored_table(node) -%}
    {{ return(
        load_relation(api.Relation.create(node.database, node.schema, node.alias))
    ) }}
{%- endmacro %}


{#
    Before a run: drops the stored tables if one of them is not signed by the present
    definitions, so that no table is half old and half new.

    Errors: the run was told to leave some of the stored tables as they are.
#}
{% macro drop_outdated() -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- if is_building() -%}
        {%- set definition, outdated = definition_of_stored(), [] -%}
        {%- for node in stored_models() -%}
            {%- set table = stored_table(node) -%}
            {%- if table is not none and signature(table) != definition -%}
                {%- do outdated.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if outdated -%}
            {{ drop_together(
                stored_models(),
                fingerprints,
                "A variable, seed, model or macro has changed since "
                ~ outdated | join(', ') ~ " was stored"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    Before a run: where one of the tables that are stored by customer or date has gone,
    the others go too, and all are made anew. Those of inputs stay: what the others are
    made of beside them are working tables, which hold only what had changed last.

    Errors: the run was told to leave some of them as they are.
#}
{% macro drop_incomplete() -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- if is_building() and has_applied(fingerprints) -%}
        {%- set nodes, gone = [], [] -%}
        {%- for node in stored_models() if not node.name.startswith('base_shop__') -%}
            {%- do nodes.append(node) -%}
            {%- if node.unique_id in selected_resources
                and stored_table(node) is none -%}
                {%- do gone.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if gone -%}
            {{ drop_together(
                nodes,
                fingerprints,
                "There is no table " ~ gone | join(', ') ~ " any more. It is made anew "
                ~ "with the others that are stored"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    Drops the tables of stored models, and with them what is remembered of a finished
    build, so that the run makes all of them from empty.

    nodes: of the graph. fingerprints: the relation of int_customer_fingerprints. why:
    the beginning of the sentence that refuses a run.
    Errors: the run was told to leave some of the tables as they are.
#}
{% macro drop_together(nodes, fingerprints, why) -%}
    {%- set tables, left_out = [applied(fingerprints)], [] -%}
    {%- for node in nodes -%}
        {%- set table = stored_table(node) -%}
        {%- if table is not none -%}
            {%- do tables.append(table) -%}
            {%- if node.unique_id not in selected_resources -%}
                {%- do left_out.append(node.name) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if left_out -%}
        {{ exceptions.raise_compiler_error(
            why ~ ", and this run would leave " ~ left_out | join(', ')
            ~ " as it is. Run all of it: dbt build, without --select or --exclude"
        ) }}
    {%- endif -%}
    {%- for table in tables -%}
        {%- do adapter.drop_relation(table) -%}
    {%- endfor -%}
{%- endmacro %}


{# Returns: the comment of a table, where its signature is. #}
{% macro signature(table) -%}
    {{ return(run_query(
        "select obj_description('" ~ table ~ "'::regclass)"
        if target.type == 'postgres' else
        "select comment from duckdb_tables() where database_name = '"
        ~ table.database ~ "' and schema_name = '" ~ table.schema
        ~ "' and table_name = '" ~ table.identifier ~ "'"
    )[0][0]) }}
{%- endmacro %}
