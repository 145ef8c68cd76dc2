-- Grain: one row per snapshot date and RFM type, unscored included; empty types too.
-- Counts and amounts of one snapshot add up over the types, never over snapshots.

with

snapshots as (

    select * from {{ ref('int_snapshot_dates') }}

),

rfm_types as (

    select segment as rfm_type

    from {{ ref('dim_segments') }}

    where segmentation = 'rfm_type' and not is_flow_only

),

rfm_scores as (

    select * from {{ ref('int_customer_rfm_scores') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

counted as (

    select
        snapshot_date,
        rfm_type,
        count(*) as customer_count,
        sum(monetary_amount) as net_amount,
        sum(frequency_count) as order_count

    from rfm_scores

    group by 1, 2

),

filled as (

    select
        snapshots.snapshot_date,
        rfm_types.rfm_type,
        cast(coalesce(counted.customer_count, 0) as bigint) as customer_count,
        cast(coalesce(counted.net_amount, 0) as decimal(18, 2)) as net_amount,
        counted.order_count

    from snapshots
    cross join rfm_types
    left join counted
        on
            snapshots.snapshot_date = counted.snapshot_date
            and rfm_types.rfm_type = counted.rfm_type

),

final as (

    select
        filled.snapshot_date,
        filled.rfm_type,
        filled.customer_count,
        {{ ratio('filled.customer_count', 'sum(filled.customer_count) over snapshot') }}
            as customer_share,
        filled.net_amount,
        {{ ratio('filled.net_amount', 'sum(filled.net_amount) over snapshot') }}
            as net_amount_share,
        {{ ratio('filled.net_amount', 'filled.order_count') }} as average_order_amount,
        thresholds.is_rfm_applicable

    from filled
    left join thresholds on filled.snapshot_date = thresholds.snapshot_date

    window
        snapshot as (partition by filled.snapshot_date)

)

select * from final
