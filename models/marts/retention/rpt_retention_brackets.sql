-- Grain: one row per cohort basis, activity, period grain, cohort and bracket of period
-- numbers that has begun.
-- Counts add up over cohorts, never over brackets: who returns in two is in both.

with

spine as (

    select * from {{ ref('int_bracket_spine') }}

),

bracket_counts as (

    select * from {{ ref('int_cohort_bracket_counts') }}

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
        spine.*,
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

    from spine
    cross join activities
    left join bracket_counts
        on
            spine.cohort_basis = bracket_counts.cohort_basis
            and spine.period_grain = bracket_counts.period_grain
            and spine.cohort_start_date = bracket_counts.cohort_start_date
            and spine.bracket_from = bracket_counts.bracket_from
            and spine.bracket_to = bracket_counts.bracket_to

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
                    {{ ratio('retained_count', 'cohort_customer_count') }}
        end as retention_rate,
        is_mature

    from counted

)

select * from final
