-- More refused values than accepted rows: a rejected row would be reported twice, as
-- lost and as repaired.

select
    attributes.input_name,
    attributes.column_name,
    attributes.nulled_count,
    reconciliation.accepted_count

from {{ ref('audit_nulled_attributes') }} as attributes
left join {{ ref('audit_input_reconciliation') }} as reconciliation
    on attributes.input_name = reconciliation.input_name

where
    reconciliation.input_name is null
    or attributes.nulled_count not between 1 and reconciliation.accepted_count
