-- Two ways to the same number: if they differ, one of the two published retentions is
-- wrong and readers compare them (I-09).

with

brackets as (

    select * from {{ ref('rpt_retention_brackets') }}

    where bracket_from = bracket_to

),

cohorts as (

    select * from {{ ref('fct_cohort_retention') }}

    where channel = 'all'

)

select
    brackets.*,
    cohorts.retained_count as exact_count,
    cohorts.retention_rate as exact_rate

from brackets
inner join cohorts
    on
        brackets.cohort_basis = cohorts.cohort_basis
        and brackets.activity = cohorts.activity
        and brackets.period_grain = cohorts.period_grain
        and brackets.cohort_start_date = cohorts.cohort_start_date
        and brackets.bracket_from = cohorts.period_number

where
    brackets.retained_count <> cohorts.retained_count
    or brackets.cohort_customer_count <> cohorts.cohort_customer_count
    or brackets.is_mature <> cohorts.is_mature
    or coalesce(brackets.retention_rate, -1) <> coalesce(cohorts.retention_rate, -1)
