-- Grain: one row per cohort basis, period grain, cohort and bracket of period numbers
-- in which any member did anything.
-- Members add up over cohorts, never over brackets.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=[
        'last_period_start_date is null or last_period_start_date >= periods_from',
    ],
    post_hook='{{ sign() }}',
) }}

with

cohort_activity as (

    select * from {{ ref('int_cohort_activity') }}

),

-- A bracket that was over before the periods that are counted again stays as it is.
brackets as (

    select * from {{ ref('int_bracket_spine') }}

    where
        last_period_start_date is null
        or last_period_start_date >= {{ restated_periods_from() }}

),

-- A member who returns twice within a bracket is one returned member.
members as (

    select
        cohort_activity.cohort_basis,
        cohort_activity.period_grain,
        cohort_activity.cohort_start_date,
        brackets.bracket_from,
        brackets.bracket_to,
        brackets.last_period_start_date,
        cohort_activity.customer_key,
        max(case when cohort_activity.has_login then 1 else 0 end) as login_customer,
        max(case when cohort_activity.has_order then 1 else 0 end) as order_customer,
        max(case when cohort_activity.is_active then 1 else 0 end) as active_customer

    from cohort_activity
    inner join brackets
        on
            cohort_activity.cohort_basis = brackets.cohort_basis
            and cohort_activity.period_grain = brackets.period_grain
            and cohort_activity.cohort_start_date = brackets.cohort_start_date
            and cohort_activity.period_number >= brackets.bracket_from
            and cohort_activity.period_number <= brackets.bracket_to

    group by 1, 2, 3, 4, 5, 6, 7

),

final as (

    select
        cohort_basis,
        period_grain,
        cohort_start_date,
        bracket_from,
        bracket_to,
        last_period_start_date,
        sum(login_customer) as login_customer_count,
        sum(order_customer) as order_customer_count,
        sum(active_customer) as active_customer_count

    from members

    group by 1, 2, 3, 4, 5, 6

)

select * from final
