-- Grain: one row per snapshot date with a customer who has ever ordered.
-- Sums of scores, not means: whether a score reaches the mean is compared exactly.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['snapshot_date >= snapshots_from'],
    post_hook='{{ sign() }}',
) }}

with

breakpoints as (

    select * from {{ ref('int_rfm_breakpoints') }}

),

points as (

    select * from {{ ref('int_customer_rfm_points') }}

),

score_totals as (

    select
        snapshot_date,
        cast(sum(recency_score) as bigint) as recency_score_sum,
        cast(sum(frequency_score) as bigint) as frequency_score_sum,
        cast(sum(monetary_score) as bigint) as monetary_score_sum,
        cast(count(distinct recency_score) as bigint) as recency_score_count,
        cast(count(distinct frequency_score) as bigint) as frequency_score_count,
        cast(count(distinct monetary_score) as bigint) as monetary_score_count,
        {{ quantile('rfm_score', 0.2) }} as grade_20,
        {{ quantile('rfm_score', 0.4) }} as grade_40,
        {{ quantile('rfm_score', 0.6) }} as grade_60,
        {{ quantile('rfm_score', 0.8) }} as grade_80

    from points

    group by 1

),

final as (

    select
        breakpoints.*,
        score_totals.recency_score_sum,
        score_totals.frequency_score_sum,
        score_totals.monetary_score_sum,
        score_totals.recency_score_count,
        score_totals.frequency_score_count,
        score_totals.monetary_score_count,
        score_totals.grade_20,
        score_totals.grade_40,
        score_totals.grade_60,
        score_totals.grade_80,
        {{ ratio(
            'breakpoints.repeat_customer_count', 'breakpoints.scored_customer_count'
        ) }} as repeat_share,
        breakpoints.repeat_customer_count
        >= cast({{ var('rfm_min_repeat_share') }} as decimal(18, 9))
        * breakpoints.scored_customer_count as is_rfm_applicable

    from breakpoints
    inner join score_totals on breakpoints.snapshot_date = score_totals.snapshot_date

)

select * from final
