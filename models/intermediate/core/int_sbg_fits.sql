-- Grain: one row per first-order month: the parameters of its retention curve.

with

survivors as (

    select * from {{ ref('int_cohort_survivors') }}

),

buyers as (

    select
        {{ month_start('order_date') }} as cohort_month,
        count(*) as cohort_customer_count

    from {{ ref('fct_orders') }}

    where is_first_valid_order

    group by 1

),

cohorts as (

    -- A month that is not over has not even a first complete month: -1.
    select
        buyers.cohort_month,
        buyers.cohort_customer_count,
        coalesce(max(survivors.period_number), -1) as period_count

    from buyers
    left join survivors on buyers.cohort_month = survivors.cohort_month

    group by 1, 2

),

lost as (

    select
        cohort_month,
        period_number,
        survivor_count,
        lag(survivor_count) over (
            partition by cohort_month
            order by period_number
        ) - survivor_count as lost_count

    from survivors

),

statistics as (

    -- A row for those lost in each month, and one for those left after the last.
    select
        lost.cohort_month as problem,
        {{ as_double('lost.period_number') }} as period_number,
        {{ as_double('lost.lost_count') }} as weight,
        false as is_left

    from lost
    inner join cohorts on lost.cohort_month = cohorts.cohort_month

    where
        lost.period_number > 0
        and cohorts.period_count >= {{ var('sbg_min_periods') }}

    union all

    select
        lost.cohort_month as problem,
        {{ as_double('lost.period_number') }} as period_number,
        {{ as_double('lost.survivor_count') }} as weight,
        true as is_left

    from lost
    inner join cohorts
        on
            lost.cohort_month = cohorts.cohort_month
            and lost.period_number = cohorts.period_count

    where cohorts.period_count >= {{ var('sbg_min_periods') }}

),

-- Where a cohort says little of its shape, finer steps would follow rounding.
searched as (

    {{ maximised(
        {'alpha': 'exp({alpha})', 'beta': 'exp({beta})'}, sbg_log_likelihood(),
        tolerance=1e-4
    ) }}

),

final as (

    select
        cohorts.cohort_month,
        cohorts.cohort_customer_count,
        cohorts.period_count,
        searched.alpha,
        searched.beta,
        searched.maximum as log_likelihood,
        searched.round_count,
        searched.is_converged,
        {{ fit_status('searched.is_converged') }} as fit_status

    from cohorts
    left join searched on cohorts.cohort_month = searched.problem

)

select * from final
