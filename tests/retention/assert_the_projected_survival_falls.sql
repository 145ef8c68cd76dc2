-- A customer who has left does not come back in the sBG model: survival that rose would
-- be a fault of the formula. It starts with everybody.

with

followed as (

    select
        *,
        lag(projected_survival_rate) over (
            partition by cohort_start_date
            order by period_number
        ) as previous_survival_rate

    from {{ ref('rpt_retention_projection') }}

)

select *

from followed

where
    projected_survival_rate > previous_survival_rate
    or (period_number = 0 and abs(projected_survival_rate - 1) > 0.000000001)
