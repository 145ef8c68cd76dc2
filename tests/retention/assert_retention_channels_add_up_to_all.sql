-- A customer lost or doubled between the channels and their total sends budgets to the
-- wrong channel (I-22).

with

channel_rows as (

    select
        'retention ' || cohort_basis || ' ' || activity as measure,
        cohort_start_date as period_start_date,
        period_number,
        channel,
        cohort_customer_count as base_count,
        retained_count as customer_count,
        coalesce(net_amount, 0) as net_amount

    from {{ ref('fct_cohort_retention') }}

    where period_grain = 'month'

    union all

    select
        'growth ' || population || ' ' || period_grain as measure,
        period_start_date,
        0 as period_number,
        channel,
        active_customer_count as base_count,
        retained_customer_count + coalesce(churned_customer_count, 0) as customer_count,
        coalesce(new_net_amount + expansion_net_amount, 0) as net_amount

    from {{ ref('rpt_growth_accounting') }}

    union all

    select
        'new-user churn' as measure,
        registration_date as period_start_date,
        0 as period_number,
        channel,
        registered_count as base_count,
        new_user_churned_count as customer_count,
        0 as net_amount

    from {{ ref('rpt_new_user_churn') }}

)

select
    measure,
    period_start_date,
    period_number

from channel_rows

group by 1, 2, 3

having
    sum(case when channel = 'all' then base_count else -base_count end) <> 0
    or sum(case when channel = 'all' then customer_count else -customer_count end) <> 0
    or sum(case when channel = 'all' then net_amount else -net_amount end) <> 0
