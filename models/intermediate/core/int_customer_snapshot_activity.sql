-- Grain: one row per snapshot date and customer who exists then.
-- Windows of neighbouring snapshots overlap: never sum over dates.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['snapshot_date >= snapshots_from'],
    post_hook='{{ sign() }}',
) }}

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshots as (

    select
        snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as previous_snapshot_date

    from {{ ref('int_restated_snapshots') }}

),

-- A date belongs to the first snapshot that sees it, and to the windows it lies in: at
-- most three rows a date, so that no day meets every snapshot after it.
dates as (

    select
        dim_dates.date_day,
        snapshots.snapshot_date,
        {{ in_window(
            'dim_dates.date_day', 'snapshots.snapshot_date', strategy_window_days()
        ) }} as is_in_window

    from {{ ref('dim_dates') }} as dim_dates
    inner join snapshots
        on
            dim_dates.date_day <= snapshots.snapshot_date
            and (
                snapshots.previous_snapshot_date is null
                or dim_dates.date_day > snapshots.previous_snapshot_date
                or {{ in_window(
                    'dim_dates.date_day',
                    'snapshots.snapshot_date',
                    strategy_window_days()
                ) }}
            )

),

activity as (

    select
        customer_days.customer_key,
        dates.snapshot_date,
        count(
            case
                when customer_days.is_activity_day and dates.is_in_window
                    then customer_days.activity_date
            end
        ) as activity_day_count,
        max(
            case
                when customer_days.is_churn_activity_day
                    then customer_days.activity_date
            end
        ) as last_churn_activity_date

    from {{ ref('int_customer_days') }} as customer_days
    inner join dates on customer_days.activity_date = dates.date_day

    group by 1, 2

),

interest as (

    select
        behaviour_days.customer_key,
        dates.snapshot_date,
        sum(
            behaviour_days.view_count
            + behaviour_days.favourite_count
            + behaviour_days.cart_count
        ) as interest_event_count

    from {{ ref('int_behaviour_days_widened') }} as behaviour_days
    inner join dates
        on
            behaviour_days.activity_date = dates.date_day
            and dates.is_in_window

    group by 1, 2

),

-- Who did nothing since the last snapshot was last active before it.
final as (

    select
        customers.customer_id,
        customers.customer_key,
        customers.entry_date,
        snapshots.snapshot_date,
        coalesce(activity.activity_day_count, 0) as activity_day_count,
        cast(coalesce(interest.interest_event_count, 0) as bigint)
            as interest_event_count,
        {{ days_between(
            'coalesce(
                max(activity.last_churn_activity_date) over (
                    partition by customers.customer_key
                    order by snapshots.snapshot_date
                ),
                customers.entry_date
            )',
            'snapshots.snapshot_date'
        ) }} as idle_days

    from customers
    inner join snapshots on customers.entry_date <= snapshots.snapshot_date
    left join activity
        on
            customers.customer_key = activity.customer_key
            and snapshots.snapshot_date = activity.snapshot_date
    left join interest
        on
            customers.customer_key = interest.customer_key
            and snapshots.snapshot_date = interest.snapshot_date

)

select * from final
