-- What was accepted and is missing behind staging would be counted as accepted by the
-- audit and by no metric. Of some inputs staging holds what is dated up to the as-of
-- date; before the first customer, when there is no such date, that is nothing.

{% set bounded = [
    'identities', 'operating_costs', 'contacts', 'experiments', 'survey_responses',
    'points_ledger', 'deals',
] -%}

with

staged as (

    {% for input_name in built_inputs() -%}
    select
        '{{ input_name }}' as input_name,
        count(*) as row_count
    from {{ ref('stg_shop__' ~ input_name) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    staged.input_name,
    staged.row_count,
    reconciliation.accepted_count

from staged
full outer join {{ ref('audit_input_reconciliation') }} as reconciliation
    on staged.input_name = reconciliation.input_name

where
    staged.row_count is null
    or reconciliation.accepted_count is null
    or staged.row_count <> case
        when staged.input_name not in ({{ quoted_list(bounded) }})
            then reconciliation.accepted_count
        when {{ as_of_date() }} is null then 0
        else reconciliation.accepted_count - reconciliation.ignored_after_as_of_count
    end
