-- Grain: one row per observation date and customer who exists and is not churned then.
-- Observed at the snapshot dates, with rows up to then; what the account says of itself
-- (profile, friends, contacts) is known as of today only.

with

activity as (

    select * from {{ ref('int_customer_snapshot_activity') }}

    where idle_days <= {{ var('churn_after_days') }}

),

users as (

    select * from {{ ref('int_registered_customers') }}

),

windows as (

    select * from {{ ref('int_observation_windows') }}

),

recent as (

    select
        customer_days.customer_key,
        windows.observation_date,
        bool_or(customer_days.is_churn_activity_day and not windows.is_past)
            as is_active_later,
        sum(case when windows.is_in_7_days then customer_days.login_count end)
            as login_count_7d,
        sum(case when windows.is_in_30_days then customer_days.login_count end)
            as login_count_30d

    from {{ ref('int_customer_days') }} as customer_days
    inner join windows on customer_days.activity_date = windows.date_day

    where windows.is_in_30_days or not windows.is_past

    group by 1, 2

),

orders as (

    select
        customer_days.customer_key,
        windows.observation_date,
        sum(case when windows.is_in_30_days then customer_days.valid_order_count end)
            as order_count_30d,
        sum(customer_days.valid_order_count) as order_count_365d

    from {{ ref('int_customer_days') }} as customer_days
    inner join windows on customer_days.activity_date = windows.date_day

    where windows.is_in_365_days and customer_days.valid_order_count > 0

    group by 1, 2

),

observed as (

    select
        activity.customer_id,
        activity.customer_key,
        activity.snapshot_date as observation_date,
        {{ days_between('activity.entry_date', 'activity.snapshot_date') }}
            as tenure_days,
        activity.idle_days,
        cast(coalesce(recent.login_count_7d, 0) as bigint) as login_count_7d,
        cast(coalesce(recent.login_count_30d, 0) as bigint) as login_count_30d,
        not coalesce(recent.is_active_later, false) as is_silent_later,
        {{ add_days('activity.snapshot_date', var('risk_horizon_days')) }}
        <= {{ as_of_date() }} as is_mature

    from activity
    left join recent
        on
            activity.customer_key = recent.customer_key
            and activity.snapshot_date = recent.observation_date

),

final as (

    select
        observed.observation_date,
        observed.customer_id,
        observed.customer_key,
        users.profile_completion_pct,
        users.friend_count,
        users.contacts_imported,
        observed.tenure_days,
        observed.idle_days,
        observed.login_count_7d,
        observed.login_count_30d,
        cast(coalesce(orders.order_count_30d, 0) as bigint) as order_count_30d,
        cast(coalesce(orders.order_count_365d, 0) as bigint) as order_count_365d,
        observed.is_mature,
        case when observed.is_mature then observed.is_silent_later end
            as churned_within_horizon

    from observed
    left join users on observed.customer_id = users.customer_id
    left join orders
        on
            observed.customer_key = orders.customer_key
            and observed.observation_date = orders.observation_date

)

select * from final
