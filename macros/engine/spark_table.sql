{#
    Spark cannot swap two tables in one step: dbt would drop the old one first, and a
    model that then fails leaves nothing behind its name. So every table is written
    under a name of its own, <model>__<start of the run>, and the public name is a view
    that is turned to it when it is complete. The version before stays until the next
    build, for those who are still reading it.

    Configuration of a model, read on Spark only:
      partition_by     columns; each value is a folder of its own: for few values
      range_by         a column; each file holds a range of it, so that who asks for a
                       range opens few files: for many values
#}
{% materialization table, adapter='spark', supported_languages=['sql'] %}

    {%- set old = load_cached_relation(this) -%}
    {%- set view = this.incorporate(type='view') -%}
    {%- set version = this.incorporate(
        path={
            'identifier': this.identifier ~ '__'
                ~ run_started_at.strftime('%Y%m%d%H%M%S%f')
        },
        type='table',
    ) -%}
    {%- set range = config.get('range_by') -%}
    {%- set query = compiled_code if range is none
        else 'select /*+ repartition_by_range(' ~ range ~ ') */ * from ('
            ~ compiled_code ~ ')' -%}

    {{ run_hooks(pre_hooks) }}

    {%- call statement('main') -%}
        {{ create_table_as(false, version, query) }}
    {%- endcall -%}

    {%- if old is not none and old.is_table -%}
        {%- do adapter.drop_relation(old) -%}
    {%- endif -%}
    {#- A table holds last what it is partitioned by; the view, as the model has it. -#}
    {%- set columns = get_column_schema_from_query(compiled_code)
        | map(attribute='name') | join(', ') -%}
    {%- call statement('publish') -%}
        create or replace view {{ view }} as select {{ columns }} from {{ version }}
    {%- endcall -%}

    {{ run_hooks(post_hooks) }}

    {%- set versions = run_query(
        'show tables in ' ~ this.schema ~ " like '" ~ this.identifier ~ "__2*'"
    ).columns['tableName'].values() | sort -%}
    {%- for identifier in versions[:-2] -%}
        {%- do run_query('drop table ' ~ this.schema ~ '.' ~ identifier) -%}
    {%- endfor -%}

    {{ return({'relations': [view]}) }}

{% endmaterialization %}
