-- A registered customer in no cohort, or in two, would bend the conversion rate.

with

registered as (

    select count(registered_at) as registered_count

    from {{ ref('int_customers') }}

),

reported as (

    select
        channel = 'all' as is_total,
        sum(registered_count) as registered_count

    from {{ ref('rpt_first_order_conversion') }}

    group by 1

)

select reported.*

from reported
cross join registered

where reported.registered_count <> registered.registered_count
