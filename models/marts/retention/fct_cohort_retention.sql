-- Grain: one row per cohort basis, activity, period grain, cohort, channel (all; every
-- channel at month grain) and period number that has begun.
-- Counts and amounts add up over cohorts and channels without all, never over period
-- numbers, activities or bases.

with

counts as (

    select * from {{ ref('int_cohort_counts') }}

),

accumulated as (

    select
        *,
        cohort_basis = 'first_order' and activity = 'order' as has_money,

        -- Members last seen at k or later; every k has a row, so rows are offsets.
        sum(last_seen_count) over from_period_on as retained_or_later_count,
        first_value(net_amount) over cohort_curve as base_net_amount,

        -- Nothing is divided by a cohort too young: its rates stay null.
        case when is_mature then nullif(cohort_customer_count, 0) end as mature_base

    from counts

    window
        cohort_curve as (
            partition by
                cohort_basis, activity, period_grain, cohort_start_date, channel
            order by period_number
        ),
        from_period_on as (
            partition by
                cohort_basis, activity, period_grain, cohort_start_date, channel
            order by period_number
            rows between current row and unbounded following
        )

),

final as (

    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        channel,
        period_number,
        cohort_customer_count,
        retained_count,
        cast(retained_or_later_count as bigint) as retained_or_later_count,
        {{ ratio('retained_count', 'mature_base') }} as retention_rate,
        {{ ratio('retained_or_later_count', 'mature_base') }}
            as unbounded_retention_rate,
        case when has_money then net_amount end as net_amount,
        case when has_money then {{ ratio('net_amount', 'mature_base') }} end
            as net_amount_per_customer,
        case
            when has_money and period_grain = 'month' and is_mature
                then {{ ratio('net_amount', 'base_net_amount') }}
        end as nrr_rate,
        case
            when has_money and period_grain = 'month' and is_mature
                then {{ ratio('kept_net_amount', 'base_net_amount') }}
        end as grr_rate,
        is_mature

    from accumulated

)

select * from final
