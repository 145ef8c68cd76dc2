-- A rejected row that is not kept is a row nobody can ever repair.

with

kept as (

    select
        input_name,
        count(*) as kept_count

    from {{ ref('audit_rejected_rows') }}

    group by 1

)

select
    coalesce(reconciliation.input_name, kept.input_name) as input_name,
    reconciliation.rejected_count,
    kept.kept_count

from {{ ref('audit_input_reconciliation') }} as reconciliation
full outer join kept on reconciliation.input_name = kept.input_name

where coalesce(reconciliation.rejected_count, 0) <> coalesce(kept.kept_count, 0)
