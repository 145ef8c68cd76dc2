-- Grain: one row per cohort basis, period grain, cohort and bracket of period numbers
-- that has begun.
-- Members add up over cohorts, never over brackets.

with

cohorts as (

    select * from {{ ref('int_cohort_sizes') }}

    where channel = 'all'

),

periods as (

    select * from {{ ref('int_periods') }}

),

brackets as (

    select * from {{ ref('int_retention_brackets') }}

),

final as (

    select
        cohorts.cohort_basis,
        cohorts.period_grain,
        cohorts.cohort_start_date,
        cohorts.cohort_customer_count,
        brackets.bracket_from,
        brackets.bracket_to,
        last_periods.period_start_date as last_period_start_date,
        coalesce(last_periods.is_complete, false) as is_mature

    from cohorts
    inner join brackets on cohorts.period_grain = brackets.period_grain
    inner join periods as first_periods
        on
            cohorts.period_grain = first_periods.period_grain
            and cohorts.cohort_index + brackets.bracket_from
            = first_periods.period_index
    -- No row where the bracket ends after the as-of date: not mature.
    left join periods as last_periods
        on
            cohorts.period_grain = last_periods.period_grain
            and cohorts.cohort_index + brackets.bracket_to = last_periods.period_index

)

select * from final
