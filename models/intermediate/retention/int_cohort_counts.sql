-- Grain: one row per cohort basis, activity, period grain, cohort, channel (all; every
-- channel at month grain) and period number that has begun.
-- Counts add up over cohorts and channels, never over period numbers or activities.

with

spine as (

    select * from {{ ref('int_cohort_spine') }}

),

cells as (

    select * from {{ ref('int_cohort_cells') }}

),

last_periods as (

    select * from {{ ref('int_cohort_last_periods') }}

),

kept_amounts as (

    select * from {{ ref('int_cohort_kept_amounts') }}

),

final as (

    -- A period in which nobody returned has no cell: that is zero, not unknown.
    select
        spine.*,
        coalesce(cells.customer_count, 0) as retained_count,
        coalesce(last_periods.customer_count, 0) as last_seen_count,
        coalesce(cells.net_amount, 0) as net_amount,
        coalesce(kept_amounts.kept_net_amount, 0) as kept_net_amount

    from spine
    left join cells
        on
            spine.cohort_basis = cells.cohort_basis
            and spine.activity = cells.activity
            and spine.period_grain = cells.period_grain
            and spine.cohort_start_date = cells.cohort_start_date
            and spine.channel = cells.channel
            and spine.period_number = cells.period_number
    left join last_periods
        on
            spine.cohort_basis = last_periods.cohort_basis
            and spine.activity = last_periods.activity
            and spine.period_grain = last_periods.period_grain
            and spine.cohort_start_date = last_periods.cohort_start_date
            and spine.channel = last_periods.channel
            and spine.period_number = last_periods.last_period_number
    left join kept_amounts
        on
            spine.cohort_basis = 'first_order'
            and spine.activity = 'order'
            and spine.period_grain = 'month'
            and spine.cohort_start_date = kept_amounts.cohort_start_date
            and spine.channel = kept_amounts.channel
            and spine.period_number = kept_amounts.period_number

)

select * from final
