-- Grain: one row per cohort basis, activity, period grain, channel (all; every channel
-- at month grain) and period number.
-- Nothing here adds up; average cohorts from fct_cohort_retention instead.

with

cohorts as (

    select * from {{ ref('fct_cohort_retention') }}

),

mature_cohorts as (

    select
        *,
        is_mature and cohort_customer_count > 0 as is_counted

    from cohorts

),

final as (

    select
        cohort_basis,
        activity,
        period_grain,
        channel,
        period_number,

        -- Weighted: every customer counts once. Mean: every cohort does, however small.
        {{ ratio(
            'sum(case when is_counted then retained_count end)',
            'sum(case when is_counted then cohort_customer_count end)'
        ) }} as weighted_retention_rate,
        {{ sum_of_doubles('retention_rate') }} / nullif(count(retention_rate), 0)
            as mean_retention_rate,
        {{ ratio(
            'sum(case when is_counted then retained_or_later_count end)',
            'sum(case when is_counted then cohort_customer_count end)'
        ) }} as weighted_unbounded_rate,
        cast(sum(case when is_counted then 1 else 0 end) as bigint)
            as mature_cohort_count

    from mature_cohorts

    group by 1, 2, 3, 4, 5

)

select * from final
