-- Grain: one row per first-order month and complete month from it on: how many of the
-- cohort order in that month or later. The latest months understate it: some who will
-- order again have not yet.

with

orders as (

    select
        customer_id,
        {{ month_start('order_date') }} as month_start_date

    from {{ ref('fct_orders') }}

    where is_valid

),

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month' and is_complete

),

lives as (

    select
        customer_id,
        min(month_start_date) as cohort_month,
        max(month_start_date) as last_month

    from orders

    group by 1

),

last_months as (

    select
        cohort_month,
        last_month,
        count(*) as customer_count

    from lives

    group by 1, 2

),

cohorts as (

    select
        cohort_month,
        sum(customer_count) as cohort_customer_count

    from last_months

    group by 1

),

final as (

    select
        cohorts.cohort_month,
        {{ months_between('cohorts.cohort_month', 'months.period_start_date') }}
            as period_number,
        cohorts.cohort_customer_count,
        sum(
            case
                when last_months.last_month >= months.period_start_date
                    then last_months.customer_count
                else 0
            end
        ) as survivor_count

    from cohorts
    inner join months on cohorts.cohort_month <= months.period_start_date
    inner join last_months on cohorts.cohort_month = last_months.cohort_month

    group by 1, 2, 3

)

select * from final
