-- Rival of churn stock and flows: fct_churn_daily, one row per date, and
-- rpt_new_user_churn, one row per registration date and channel. A customer is churned
-- from the 31st day after a date of activity (or the entry) up to the next one.
with

accounts as (
    select
        user_id as customer_id,
        lower(trim(email)) as email,
        local_date(registered_at) as registration_date,
        coalesce(channel, 'unknown') as channel
    from users
    where is_excluded is not true
),

bounds as (
    select
        local_date(min(first_at)) as first_date,
        local_date(max(last_at)) as last_date
    from (
        select min(registered_at) as first_at, max(registered_at) as last_at from users
        union all
        select min(ordered_at), max(ordered_at) from orders
        union all
        select min(login_at), max(login_at) from logins
        union all
        select min(event_at), max(event_at) from events
    )
),

dates as (
    select cast(day as date) as date_day
    from bounds,
        unnest(generate_series(first_date, last_date, interval 1 day)) as t(day)
),

customer_orders as (
    select
        coalesce(
            buyers.customer_id, guests.customer_id,
            'guest:' || md5(lower(trim(orders.guest_email)))
        ) as customer_id,
        local_date(orders.ordered_at) as order_date,
        orders.status in ('paid', 'shipped', 'completed') as is_valid
    from orders
    left join accounts as buyers on orders.user_id = buyers.customer_id
    left join accounts as guests on lower(trim(orders.guest_email)) = guests.email
    where orders.user_id is null or buyers.customer_id is not null
),

customers as (
    select
        customer_id,
        max(registration_date) as registration_date,
        min(entry_date) as entry_date,
        coalesce(max(channel), 'unknown') as channel
    from (
        select customer_id, registration_date, registration_date as entry_date, channel
        from accounts
        union all
        select customer_id, null, order_date, null from customer_orders
    )
    group by customer_id
),

-- Dates of activity, and the entry, from which idle days count as well.
customer_days as (
    select activities.customer_id, date_day
    from (
        select user_id as customer_id, local_date(login_at) as date_day from logins
        union
        select customer_id, order_date from customer_orders where is_valid
    ) as activities
    inner join customers on activities.customer_id = customers.customer_id
    where date_day >= entry_date

    union

    select customer_id, entry_date from customers
),

reaches as (
    select
        date_day,
        lead(date_day, 1, date '9999-12-31') over (
            partition by customer_id order by date_day
        ) as next_date
    from customer_days
),

steps as (
    select date_day + 31 as date_day, count(*) as churned, 0 as returned, 0 as entered
    from reaches
    where next_date > date_day + 31
    group by all

    union all

    select next_date, 0, count(*), 0
    from reaches
    where next_date > date_day + 31
    group by all

    union all

    select entry_date, 0, 0, count(*)
    from customers
    group by all
),

stock as (
    select
        date_day,
        coalesce(sum(churned), 0) as newly_churned_count,
        coalesce(sum(returned), 0) as returned_count,
        sum(coalesce(sum(entered), 0)) over history as customer_count,
        sum(newly_churned_count - returned_count) over history as churned_count,
        churned_count / nullif(customer_count, 0) as churn_rate
    from dates
    left join steps using (date_day)
    group by date_day
    window history as (order by date_day)
),

sloped as (
    select
        *,
        case when count(churn_rate) over week = 7
            then regr_slope(churn_rate, date_day - date '2000-01-01') over week
        end as slope
    from stock
    window week as (order by date_day rows between 6 preceding and current row)
),

churn_report as (
    select
        date_day,
        customer_count,
        churned_count,
        churn_rate,
        newly_churned_count,
        returned_count,
        round(slope, 12) as churn_rate_slope,
        round(slope - lag(slope, 7) over (order by date_day), 12) as acceleration,
        case
            when acceleration is null then null
            when churn_rate_slope < 0 then 'improving'
            when churn_rate_slope = 0 then 'flat'
            when acceleration > 0 then 'accelerating'
            else 'slowing'
        end as churn_curve
    from sloped
),

came_back as (
    select distinct customers.customer_id
    from customers
    inner join customer_days
        on
            customers.customer_id = customer_days.customer_id
            and customer_days.date_day > registration_date
            and customer_days.date_day <= registration_date + 30
),

new_users as (
    select
        registration_date,
        unnest(['all', channel]) as channel,
        came_back.customer_id is null as is_churned
    from customers
    left join came_back on customers.customer_id = came_back.customer_id
    where registration_date is not null
),

new_user_report as (
    select
        dates.date_day as registration_date,
        channels.channel,
        count(is_churned) as registered_count,
        count(*) filter (is_churned) as new_user_churned_count,
        case
            when any_value(dates.date_day + 30 <= last_date)
                then new_user_churned_count / nullif(registered_count, 0)
        end as new_user_churn_rate,
        any_value(dates.date_day + 30 <= last_date) as is_mature
    from dates
    cross join bounds
    cross join (
        select distinct channel from customers
        union all
        select 'all'
    ) as channels
    left join new_users
        on
            dates.date_day = new_users.registration_date
            and channels.channel = new_users.channel
    group by dates.date_day, channels.channel
)

select 'fct_churn_daily' as report, * exclude (acceleration) from churn_report
union all by name
select 'rpt_new_user_churn' as report, * from new_user_report
