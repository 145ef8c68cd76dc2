-- A buyer in no cohort would make the others look worth more than they are.

with

orders as (

    select
        count(distinct customer_id) as customer_count,
        coalesce(sum(margin_amount), 0) as margin_amount

    from {{ ref('fct_orders') }}

    where is_valid

),

last_offsets as (

    select
        cohort_month,
        max(month_offset) as month_offset

    from {{ ref('rpt_cohort_ltv') }}

    group by 1

),

cohorts as (

    select
        'ltv' as report,
        ltv.channel = 'all' as is_total,
        sum(ltv.cohort_customer_count) as customer_count,
        sum(ltv.cumulative_margin_amount) as margin_amount

    from {{ ref('rpt_cohort_ltv') }} as ltv
    inner join last_offsets
        on
            ltv.cohort_month = last_offsets.cohort_month
            and ltv.month_offset = last_offsets.month_offset

    group by 1, 2

    union all

    select
        concat('repurchase in ', horizon_days) as report,
        true as is_total,
        sum(cohort_customer_count) as customer_count,
        null as margin_amount

    from {{ ref('rpt_repurchase_cohorts') }}

    group by 1, 2

)

select cohorts.*

from cohorts
cross join orders

where
    cohorts.customer_count <> orders.customer_count
    or abs(cohorts.margin_amount - orders.margin_amount)
    > 1e-9 * (1 + abs(orders.margin_amount))
