-- A join while judging that repeats a raw row, or drops one, would change the figures
-- without a trace: the row is neither accepted nor rejected.

with

raw_counts as (

    {% for input_name in built_inputs() -%}
    select
        '{{ input_name }}' as input_name,
        {% if raw(input_name) is none -%}
        0 as row_count
        {%- else -%}
        (select count(*) from {{ raw(input_name) }}) as row_count
        {%- endif %}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    raw_counts.input_name,
    raw_counts.row_count,
    reconciliation.raw_count

from raw_counts
full outer join {{ ref('audit_input_reconciliation') }} as reconciliation
    on raw_counts.input_name = reconciliation.input_name

where
    raw_counts.row_count is null
    or reconciliation.raw_count is null
    or raw_counts.row_count <> reconciliation.raw_count
