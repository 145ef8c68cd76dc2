-- The owner of the data repairs rows by their first reason; it has to be one of all.

select
    rejected_row_id,
    reason_code,
    all_reason_codes

from {{ ref('audit_rejected_rows') }}

where
    all_reason_codes <> reason_code
    and left(all_reason_codes, length(reason_code) + 1) <> concat(reason_code, ',')
