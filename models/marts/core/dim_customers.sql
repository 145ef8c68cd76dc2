-- Grain: one row per customer who exists at the as-of date, buyers or not.

with

customers as (

    select * from {{ ref('int_customers') }}

),

order_totals as (

    select
        customer_id,
        min(ordered_at) as first_order_at,
        max(ordered_at) as last_order_at,
        count(*) as valid_order_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_orders') }}

    where is_valid

    group by 1

),

activity as (

    select
        customer_key,
        max(last_login_at) as last_login_at,
        max(case when is_activity_day then activity_date end) as last_activity_date,
        max(case when is_churn_activity_day then activity_date end)
            as last_churn_activity_date

    from {{ ref('int_customer_days') }}

    group by 1

),

current_segments as (

    select
        customer_id,
        max(case when segmentation = 'AIPL' then segment end) as aipl_stage,
        max(case when segmentation = 'AIPLA' then segment end) as aipla_stage,
        max(case when segmentation = '4A' then segment end) as stage_4a,
        max(case when segmentation = '5A' then segment end) as stage_5a,
        max(case when segmentation = '5R' then segment end) as stage_5r,
        max(case when segmentation = 'JOURNEY' then segment end) as journey_stage,
        max(case when segmentation = 'churn_status' then segment end) as churn_status

    from {{ ref('fct_customer_segment_spans') }}

    where is_current

    group by 1

),

-- Labels of the as-of snapshot: a month-end label in the spans may be weeks old.
snapshot_labels as (

    select * from {{ ref('int_customer_snapshot_labels') }}

    where snapshot_date = {{ as_of_date() }}

),

final as (

    select
        customers.customer_id,
        customers.is_guest,
        customers.registered_at,
        customers.registration_date,
        customers.entry_date,
        customers.channel,
        order_totals.first_order_at,
        order_totals.last_order_at,
        activity.last_login_at,
        activity.last_activity_date,
        coalesce(order_totals.valid_order_count, 0) as valid_order_count,
        cast(coalesce(order_totals.net_amount, 0) as decimal(18, 2)) as net_amount,
        {{ ratio('order_totals.net_amount', 'order_totals.valid_order_count') }}
            as average_order_amount,
        {{ days_between('customers.entry_date', as_of_date()) }} as tenure_days,
        {{ days_between(
            'coalesce(activity.last_churn_activity_date, customers.entry_date)',
            as_of_date()
        ) }} as idle_days,
        current_segments.churn_status = 'churned' as is_churned,
        current_segments.aipl_stage,
        current_segments.aipla_stage,
        current_segments.stage_4a,
        current_segments.stage_5a,
        current_segments.stage_5r,
        current_segments.journey_stage,
        current_segments.churn_status,
        snapshot_labels.rfm_type,
        snapshot_labels.rule_tier,
        snapshot_labels.pyramid_layer,
        snapshot_labels.loyalty_stage,
        snapshot_labels.membership_tier,
        snapshot_labels.life_stage,
        snapshot_labels.strategy_layer,
        {{ passed_on('users', 'customers') }}
        snapshot_labels.operating_priority

    from customers
    left join order_totals on customers.customer_id = order_totals.customer_id
    left join activity on customers.customer_key = activity.customer_key
    left join current_segments on customers.customer_id = current_segments.customer_id
    left join snapshot_labels on customers.customer_id = snapshot_labels.customer_id

)

select * from final
