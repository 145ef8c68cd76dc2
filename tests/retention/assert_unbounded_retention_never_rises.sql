-- Who is still to come at k + 1 was still to come at k: a rising curve means that
-- members are counted in the wrong period, and every projection fitted on it is wrong
-- (I-09).

with

cohorts as (

    select * from {{ ref('fct_cohort_retention') }}

),

followed as (

    select
        *,
        lag(retained_or_later_count) over (
            partition by
                cohort_basis, activity, period_grain, cohort_start_date, channel
            order by period_number
        ) as previous_count

    from cohorts

)

select * from followed

where retained_or_later_count > previous_count
