-- Grain: one row per day after the seeds, up to viral_horizon_days; no cohort, no row.
-- Totals are cumulative and include the seeds: never sum over days.

with

latest_mature_cohort as (

    select
        registered_count,
        k_factor,
        viral_cycle_days

    from {{ ref('rpt_viral_growth') }}

    where channel = 'all' and is_mature and registered_count > 0

    -- Not a row_number filtered to 1: over no rows at all, DuckDB 1.5 answers that with
    -- one row of nulls (duckdb issue 23675).
    order by cohort_month desc

    limit 1

),

last_cohort as (

    select
        {{ as_double(var('viral_seed_count') or 'registered_count') }} as seed_count,
        k_factor,
        viral_cycle_days

    from latest_mature_cohort

),

-- The first number is 1.
numbers as (

    {{ dbt.generate_series(var('viral_horizon_days') + 1) }}

),

projected as (

    select
        cast(numbers.generated_number - 1 as integer) as day_number,
        last_cohort.seed_count,
        {{ viral_total(
            'last_cohort.seed_count',
            'last_cohort.k_factor',
            'last_cohort.viral_cycle_days',
            '(numbers.generated_number - 1)'
        ) }} as projected_total_count

    from numbers
    cross join last_cohort

),

final as (

    select
        day_number,
        projected_total_count,
        projected_total_count - seed_count as projected_new_count

    from projected

)

select * from final
