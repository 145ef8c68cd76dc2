-- Grain: one row per cohort basis, activity, period grain, cohort and bracket of period
-- numbers that has begun.
-- Counts add up over cohorts, never over brackets: who returns in two is in both.

with

cohorts as (

    select * from {{ ref('int_cohort_sizes') }}

    where channel = 'all'

),

periods as (

    select * from {{ ref('int_retention_periods') }}

),

brackets as (

    select * from {{ ref('int_retention_brackets') }}

),

bracket_counts as (

    select * from {{ ref('int_cohort_bracket_counts') }}

),

begun as (

    select
        cohorts.cohort_basis,
        cohorts.period_grain,
        cohorts.cohort_start_date,
        cohorts.cohort_customer_count,
        brackets.bracket_from,
        brackets.bracket_to,
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

),

activities as (

    select 'login' as activity
    union all
    select 'order' as activity
    union all
    select 'any' as activity

),

counted as (

    select
        begun.*,
        activities.activity,
        cast(
            coalesce(
                case activities.activity
                    when 'login' then bracket_counts.login_customer_count
                    when 'order' then bracket_counts.order_customer_count
                    when 'any' then bracket_counts.active_customer_count
                end, 0
            ) as bigint
        ) as retained_count

    from begun
    cross join activities
    left join bracket_counts
        on
            begun.cohort_basis = bracket_counts.cohort_basis
            and begun.period_grain = bracket_counts.period_grain
            and begun.cohort_start_date = bracket_counts.cohort_start_date
            and begun.bracket_from = bracket_counts.bracket_from
            and begun.bracket_to = bracket_counts.bracket_to

),

final as (

    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        bracket_from,
        bracket_to,
        cohort_customer_count,
        retained_count,
        case
            when is_mature
                then
                    cast(retained_count as double)
                    / nullif(cohort_customer_count, 0)
        end as retention_rate,
        is_mature

    from counted

)

select * from final
