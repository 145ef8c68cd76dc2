-- Grain: one row per first-order month and months since, up to clv_horizon_months after
-- the last complete one.

with

survivors as (

    select * from {{ ref('int_cohort_survivors') }}

),

fits as (

    select * from {{ ref('int_sbg_fits') }}

),

numbers as (

    select cast(generated_number - 1 as bigint) as period_number

    from ({{ dbt.generate_series(1500) }}) as numbers

),

spine as {{ computed_once() }} (

    select
        fits.*,
        numbers.period_number,
        {{ as_double('numbers.period_number') }} as age,
        fits.fit_status = 'fitted' as is_fitted,
        fits.beta + numbers.period_number as later_beta,
        fits.beta + numbers.period_number + 1 as next_beta,
        {{ monthly_discount_rate() }} as rate

    from fits
    inner join numbers
        on
            numbers.period_number
            <= fits.period_count + {{ var('clv_horizon_months') }}

),

spread as {{ computed_once() }} (

    select
        *,
        {{ sbg_mean_columns() }}

    from spine

),

final as (

    select
        spread.cohort_month as cohort_start_date,
        spread.period_number,
        cast(spread.cohort_customer_count as bigint) as cohort_customer_count,
        {{ ratio('survivors.survivor_count', 'survivors.cohort_customer_count') }}
            as observed_survival_rate,
        case
            when spread.is_fitted
                then {{ sbg_survival('spread.alpha', 'spread.beta', 'spread.age') }}
        end as projected_survival_rate,
        case
            when spread.is_fitted and spread.period_number > 0
                then {{ sbg_retention('spread.alpha', 'spread.beta', 'spread.age') }}
        end as projected_retention_rate,
        case
            when spread.is_fitted
                then {{ sbg_residual_periods() }}
        end as discounted_residual_months,
        spread.fit_status

    from spread
    left join survivors
        on
            spread.cohort_month = survivors.cohort_month
            and spread.period_number = survivors.period_number

)

select * from final
