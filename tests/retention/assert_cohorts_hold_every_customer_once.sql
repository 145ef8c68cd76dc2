-- A customer in no cohort, or in two, makes every retention rate too high or too low;
-- the cohorts must add up to the registered customers and to the buyers (I-09).

with

cohort_sums as (

    select
        cohort_basis,
        period_grain,
        activity,
        sum(cohort_customer_count) as customer_count

    from {{ ref('fct_cohort_retention') }}

    where period_number = 0 and channel = 'all'

    group by 1, 2, 3

),

expected as (

    select
        'registration' as cohort_basis,
        count(registration_date) as customer_count

    from {{ ref('int_customers') }}

    union all

    select
        'first_order' as cohort_basis,
        count(distinct customer_id) as customer_count

    from {{ ref('fct_orders') }}

    where is_valid

)

select
    cohort_sums.*,
    expected.customer_count as expected_count

from expected
inner join cohort_sums on expected.cohort_basis = cohort_sums.cohort_basis

where expected.customer_count <> cohort_sums.customer_count
