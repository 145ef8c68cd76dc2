-- Grain: one row per first-order month, channel (and all) and month since that has
-- begun, empty cohorts included.
-- Amounts are cumulative: they add up over cohorts and channels, never over offsets.

with

final as (

    select * from {{ ref('int_cohort_ltvs') }}

)

select * from final
