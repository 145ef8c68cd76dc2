-- A customer missing from a snapshot, or in two types, would bend every share of it.

with

existing as (

    select
        snapshots.snapshot_date,
        count(*) as customer_count

    from {{ ref('int_snapshot_dates') }} as snapshots
    inner join {{ ref('int_customers') }} as customers
        on customers.entry_date <= snapshots.snapshot_date

    group by 1

),

scored as (

    select
        snapshot_date,
        count(*) as customer_count

    from {{ ref('fct_customer_rfm_scores') }}

    group by 1

),

reported as (

    select
        snapshot_date,
        sum(customer_count) as customer_count,
        sum(customer_share) as customer_share

    from {{ ref('rpt_rfm_segments') }}

    group by 1

)

select existing.*

from existing
left join scored on existing.snapshot_date = scored.snapshot_date
left join reported on existing.snapshot_date = reported.snapshot_date

where
    coalesce(scored.customer_count, 0) <> existing.customer_count
    or coalesce(reported.customer_count, 0) <> existing.customer_count
    or abs(reported.customer_share - 1) > 1e-9
