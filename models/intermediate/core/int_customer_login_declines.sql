-- Grain: one row per snapshot date and customer who entered before the last three whole
-- weeks began, or on their first date, and logged in during them; at the as-of date
-- also those who did not.
-- Of a customer who entered later nothing is known: a first week is not a whole one.

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshots as (

    -- The week after is the first that is not over by the end of the snapshot date.
    select
        snapshot_date,
        {{ week_start(add_days('snapshot_date', 1)) }} as week_after

    from {{ ref('int_restated_snapshots') }}

),

weeks as (

    select
        snapshot_date,
        {{ add_days('week_after', -21) }} as first_week_start_date,
        {{ add_days('week_after', -14) }} as second_week_start_date,
        {{ add_days('week_after', -7) }} as third_week_start_date

    from snapshots

),

snapshot_weeks as (

    select
        snapshot_date,
        1 as week_number,
        first_week_start_date as week_start_date

    from weeks

    union all

    select
        snapshot_date,
        2 as week_number,
        second_week_start_date as week_start_date

    from weeks

    union all

    select
        snapshot_date,
        3 as week_number,
        third_week_start_date as week_start_date

    from weeks

),

logins as (

    select
        periods.customer_key,
        snapshot_weeks.snapshot_date,
        sum(case when snapshot_weeks.week_number = 1 then periods.login_count end)
            as first_week_login_count,
        sum(case when snapshot_weeks.week_number = 2 then periods.login_count end)
            as second_week_login_count,
        sum(case when snapshot_weeks.week_number = 3 then periods.login_count end)
            as third_week_login_count

    from {{ ref('int_customer_periods') }} as periods
    inner join snapshot_weeks
        on periods.period_start_date = snapshot_weeks.week_start_date

    where periods.period_grain = 'week' and periods.has_login

    group by 1, 2

),

counted as (

    select
        weeks.snapshot_date,
        customers.customer_id,
        customers.customer_key,
        cast(coalesce(logins.first_week_login_count, 0) as bigint)
            as first_week_login_count,
        cast(coalesce(logins.second_week_login_count, 0) as bigint)
            as second_week_login_count,
        cast(coalesce(logins.third_week_login_count, 0) as bigint)
            as third_week_login_count

    from customers
    inner join weeks on customers.entry_date <= weeks.first_week_start_date
    left join logins
        on
            customers.customer_key = logins.customer_key
            and weeks.snapshot_date = logins.snapshot_date

    where
        logins.customer_key is not null
        or weeks.snapshot_date = {{ as_of_date() }}

),

final as (

    select
        *,
        {{ is_declining(
            'first_week_login_count',
            'second_week_login_count',
            'third_week_login_count'
        ) }} as is_activity_declining

    from counted

)

select * from final
