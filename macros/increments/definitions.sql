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
    Returns: the ids of the stored models, and of all models and seeds behind them.
    Where the project is installed, the host's are among them that stand in for ours;
    what lies behind those is data.
#}
{% macro behind_stored() -%}
    {%- set ids = [] -%}
    {%- for node in stored_models() -%}
        {%- do ids.append(node.unique_id) -%}
    {%- endfor -%}
    {#- The list grows while it is walked through, until nothing new is named. -#}
    {%- for id in ids if id.startswith('model.customer_ops.') -%}
        {%- do ids.extend(new_ids(graph.nodes[id].depends_on.nodes, ids)) -%}
    {%- endfor -%}
    {{ return(ids) }}
{%- endmacro %}


{#
    Returns: a digest of the stored models, all models and seeds behind them, their
    macros, and every variable that any of these names. The dates of a run and the
    places of inputs are not definitions.
#}
{% macro definition_of_stored() -%}
    {%- set macro_ids, texts = [], [] -%}
    {%- for id in behind_stored() -%}
        {%- set node = graph.nodes[id] -%}
        {%- do texts.append(id ~ node.checksum.checksum) -%}
        {%- do texts.append(node.raw_code or '') -%}
        {%- do macro_ids.extend(new_ids(node.depends_on.macros, macro_ids)) -%}
    {%- endfor -%}
    {%- for id in macro_ids -%}
        {%- set package, name = id.split('.')[1:] -%}
        {%- set macro = context[package][name].macro -%}
        {%- do texts.append(macro.macro_sql) -%}
        {%- do macro_ids.extend(new_ids(macro.depends_on.macros, macro_ids)) -%}
    {%- endfor -%}
    {%- set words = modules.re.findall("'([a-z0-9_]+)'", texts | join(' ')) -%}
    {%- set inputs = input_contract() -%}
    {%- for name in words | unique | sort
        if name not in ('as_of_date', 'future_cutoff_at')
        and name | replace('input_', '', 1) not in inputs -%}
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


{# A post-hook of every seed. Returns: SQL that says of which file its table is. #}
{% macro sign_seed() -%}
    {%- if stored() == 'incremental' -%}
        comment on table {{ this }} is '{{ model.checksum.checksum if execute }}'
    {%- endif -%}
{%- endmacro %}


{#
    Returns: whether this run builds what may be stored. Where the project is installed,
    a run may be about other models altogether.
#}
{% macro is_building() -%}
    {{ return(
        execute
        and stored() == 'incremental'
        and 'model.customer_ops.' in selected_resources | join(' ')
        and invocation_args_dict.which in ('build', 'run')
    ) }}
{%- endmacro %}


{# node: of the graph. Returns: the relation of its table, none if there is none. #}
{% macro stored_table(node) -%}
    {{ return(
        load_relation(api.Relation.create(node.database, node.schema, node.alias))
    ) }}
{%- endmacro %}


{#
    Before a run: no table shall be made of a seed that differs from its file, which is
    what a signature speaks of.

    Errors: a seed's file has changed since it was loaded, and the run leaves it.
#}
{% macro refuse_old_seeds() -%}
    {%- if is_building() -%}
        {%- for id in behind_stored()
            if id.startswith('seed.customer_ops.') and id not in selected_resources -%}
            {%- set node = graph.nodes[id] -%}
            {%- set table = stored_table(node) -%}
            {%- if table is not none
                and signature(table) != node.checksum.checksum -%}
                {{ exceptions.raise_compiler_error(
                    "The seed " ~ node.name ~ " (" ~ node.original_file_path
                    ~ ") has changed since it was loaded, and this run would go on "
                    ~ "with the old rows. Load it: dbt build, or dbt seed before dbt "
                    ~ "run"
                ) }}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}


{#
    Before a run: drops the stored tables if one of them is not signed by the present
    definitions, so that no table is half old and half new.

    Errors: the run was told to leave some of what they are made of as it is.
#}
{% macro drop_outdated() -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- if is_building() and not flags.FULL_REFRESH -%}
        {%- set definition, outdated = definition_of_stored(), [] -%}
        {%- for node in stored_models() -%}
            {%- set table = stored_table(node) -%}
            {%- if table is not none and signature(table) != definition -%}
                {%- do outdated.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if outdated -%}
            {{ drop_together(
                behind_stored(),
                fingerprints,
                "A variable, seed, model or macro has changed since "
                ~ some_of(outdated) ~ " was stored"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    Before a run: where one of the tables that are stored by customer or date has gone,
    or is to be refreshed in full, the others go too, and all are made anew. What they
    are made of beside inputs are working tables, which hold only what had changed last.

    Errors: the run was told to leave some of them as they are.
#}
{% macro drop_incomplete() -%}
    {%- set fingerprints = ref('int_customer_fingerprints') -%}
    {%- if is_building() and (flags.FULL_REFRESH or has_applied(fingerprints)) -%}
        {%- set ids, gone = made_of_customers(), [] -%}
        {%- for id in ids if id in selected_resources -%}
            {%- set node = graph.nodes[id] -%}
            {%- if node.config.materialized == 'incremental'
                and (flags.FULL_REFRESH or stored_table(node) is none) -%}
                {%- do gone.append(node.name) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if gone -%}
            {{ drop_together(
                ids,
                fingerprints,
                "To make " ~ some_of(gone) ~ " from empty, all tables that are stored "
                ~ "by customer or date have to be"
            ) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#
    Returns: the ids of what stands between the numbers of customers and the last stored
    tables, both included.
#}
{% macro made_of_customers() -%}
    {%- set behind = behind_stored() -%}
    {%- set ids = ['model.customer_ops.int_customer_keys'] -%}
    {%- for id in ids -%}
        {%- for other in behind
            if other not in ids and id in graph.nodes[other].depends_on.nodes -%}
            {%- do ids.append(other) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(ids) }}
{%- endmacro %}


{#
    Drops those of the models' tables that are stored, and with them what is remembered
    of a finished build, so that the run makes all of them from empty.

    ids: of models, and others that are passed over. fingerprints: the relation of
    int_customer_fingerprints. why: the beginning of the sentence that refuses a run.
    Errors: the run was told to leave some of the models' tables as they are.
#}
{% macro drop_together(ids, fingerprints, why) -%}
    {%- set stored, left_out = [applied(fingerprints)], [] -%}
    {%- for id in ids if id.startswith('model.customer_ops.') -%}
        {%- set node = graph.nodes[id] -%}
        {%- set table = stored_table(node) -%}
        {%- if table is not none and id not in selected_resources -%}
            {%- do left_out.append(node.name) -%}
        {%- elif table is not none and node.config.materialized == 'incremental' -%}
            {%- do stored.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if left_out -%}
        {{ exceptions.raise_compiler_error(
            why ~ ", and this run would leave " ~ some_of(left_out) ~ " as it is. Run "
            ~ "all of it: dbt build, without --select or --exclude"
        ) }}
    {%- endif -%}
    {%- for table in stored -%}
        {%- do adapter.drop_relation(table) -%}
    {%- endfor -%}
{%- endmacro %}


{# names: at least one. Returns: the first three of them, and how many others. #}
{% macro some_of(names) -%}
    {{ return(
        names[:3] | join(', ')
        ~ (' and ' ~ (names | length - 3) ~ ' others' if names | length > 3 else '')
    ) }}
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
