-- Rival of the RFM scores and rule tiers: fct_customer_rfm_scores, one row per customer
-- and month end (and the last date). Every order meets every later snapshot date.
with

accounts as (
    select
        user_id as customer_id,
        lower(trim(email)) as email,
        local_date(registered_at) as registration_date
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

snapshots as (
    select distinct least(last_day(cast(day as date)), last_date) as snapshot_date
    from bounds,
        unnest(generate_series(first_date, last_date, interval 1 day)) as t(day)
),

customer_orders as (
    select
        orders.order_id,
        coalesce(
            buyers.customer_id, guests.customer_id,
            'guest:' || md5(lower(trim(orders.guest_email)))
        ) as customer_id,
        local_date(orders.ordered_at) as order_date,
        orders.gross_amount - coalesce(orders.discount_amount, 0) as amount,
        orders.status in ('paid', 'shipped', 'completed') as is_valid
    from orders
    left join accounts as buyers on orders.user_id = buyers.customer_id
    left join accounts as guests on lower(trim(orders.guest_email)) = guests.email
    where orders.user_id is null or buyers.customer_id is not null
),

customers as (
    select customer_id, min(entry_date) as entry_date
    from (
        select customer_id, registration_date as entry_date from accounts
        union all
        select customer_id, order_date from customer_orders
    )
    group by customer_id
),

-- An order on its date, and its refunds on theirs.
bookings as (
    select customer_id, order_date, order_date as booked_date, 1 as orders, amount
    from customer_orders
    where is_valid

    union all

    select
        customer_orders.customer_id,
        customer_orders.order_date,
        local_date(refunds.refunded_at),
        0,
        -refunds.amount
    from refunds
    inner join customer_orders on refunds.order_id = customer_orders.order_id
    where customer_orders.is_valid
),

totals as (
    select
        customer_id,
        snapshot_date,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        sum(orders) as lifetime_order_count,
        sum(orders) filter (order_date > snapshot_date - 365) as frequency,
        sum(amount) filter (order_date > snapshot_date - 365) as monetary,
        sum(orders) filter (order_date > snapshot_date - 30) as recent_orders,
        sum(amount) filter (order_date > snapshot_date - 30) as recent_amount
    from bookings
    inner join snapshots on booked_date <= snapshot_date
    group by customer_id, snapshot_date
),

valued as (
    select
        customers.customer_id,
        snapshots.snapshot_date,
        totals.customer_id is not null as is_scored,
        snapshots.snapshot_date - last_order_date as recency_days,
        coalesce(frequency, 0) as frequency_count,
        coalesce(monetary, 0) as monetary_amount,
        round(cast(monetary as double) / nullif(frequency, 0), 6)
            as average_order_amount,
        first_order_date,
        last_order_date,
        coalesce(lifetime_order_count, 0) as lifetime_order_count,
        recent_orders,
        recent_amount
    from customers
    inner join snapshots on customers.entry_date <= snapshots.snapshot_date
    left join totals
        on
            customers.customer_id = totals.customer_id
            and snapshots.snapshot_date = totals.snapshot_date
),

breakpoints as (
    select
        snapshot_date,
        quantile_cont(cast(recency_days as double), [0.2, 0.4, 0.6, 0.8]) as r,
        quantile_cont(cast(frequency_count as double), [0.2, 0.4, 0.6, 0.8]) as f,
        quantile_cont(cast(monetary_amount as double), [0.2, 0.4, 0.6, 0.8]) as m,
        quantile_cont(average_order_amount, [0.33, 0.67]) as aov
    from valued
    where is_scored
    group by snapshot_date
),

scored as (
    select
        valued.*,
        round(aov[1], 6) as aov_low,
        round(aov[2], 6) as aov_high,
        1 + (round(r[1], 6) > recency_days)::int + (round(r[2], 6) > recency_days)::int
        + (round(r[3], 6) > recency_days)::int + (round(r[4], 6) > recency_days)::int
            as recency_score,
        1 + (round(f[1], 6) < frequency_count)::int
        + (round(f[2], 6) < frequency_count)::int
        + (round(f[3], 6) < frequency_count)::int
        + (round(f[4], 6) < frequency_count)::int as frequency_score,
        1 + (round(m[1], 6) < monetary_amount::double)::int
        + (round(m[2], 6) < monetary_amount::double)::int
        + (round(m[3], 6) < monetary_amount::double)::int
        + (round(m[4], 6) < monetary_amount::double)::int as monetary_score,
        round((recency_score + frequency_score + monetary_score) / 3, 6) as rfm_score
    from valued
    inner join breakpoints on valued.snapshot_date = breakpoints.snapshot_date
    where is_scored
),

graded as (
    select
        *,
        dense_rank() over (partition by snapshot_date order by rfm_score desc)
            as rfm_rank,
        recency_score >= avg(recency_score) over (partition by snapshot_date)
            as is_recency_high,
        frequency_score >= avg(frequency_score) over (partition by snapshot_date)
            as is_frequency_high,
        monetary_score >= avg(monetary_score) over (partition by snapshot_date)
            as is_monetary_high
    from scored
),

grades as (
    select snapshot_date, quantile_cont(rfm_score, [0.2, 0.4, 0.6, 0.8]) as g
    from scored
    group by snapshot_date
)

select
    'fct_customer_rfm_scores' as report,
    valued.customer_id,
    valued.snapshot_date,
    valued.is_scored,
    valued.recency_days,
    valued.frequency_count,
    valued.monetary_amount,
    valued.average_order_amount,
    valued.first_order_date,
    valued.last_order_date,
    valued.lifetime_order_count,
    recency_score,
    frequency_score,
    monetary_score,
    case when valued.is_scored then concat(
        recency_score, frequency_score, monetary_score
    ) end as rfm_cell,
    rfm_score,
    1 + (round(g[1], 6) < rfm_score)::int + (round(g[2], 6) < rfm_score)::int
    + (round(g[3], 6) < rfm_score)::int + (round(g[4], 6) < rfm_score)::int
        as rfm_grade,
    rfm_rank,
    is_recency_high,
    is_frequency_high,
    is_monetary_high,
    case when valued.is_scored then concat(
        is_recency_high::int, is_frequency_high::int, is_monetary_high::int
    ) end as rfm_type_code,
    case rfm_type_code
        when '111' then 'important_value'
        when '011' then 'important_keep'
        when '101' then 'important_develop'
        when '001' then 'important_win_back'
        when '110' then 'general_value'
        when '010' then 'general_keep'
        when '100' then 'general_develop'
        when '000' then 'general_win_back'
        else 'unscored'
    end as rfm_type,
    case
        when not valued.is_scored then 'never_purchased'
        when valued.recency_days >= 30 then 'sleeping'
        when
            valued.recent_orders >= 3
            and valued.recent_amount >= 200 * valued.recent_orders
            then 'high_value_repeat'
        when
            valued.snapshot_date - valued.first_order_date <= 7
            and valued.average_order_amount between aov_low and aov_high
            then 'potential_new'
        else 'regular'
    end as rule_tier,
    valued.monetary_amount >= 5000 as is_high_annual_value

from valued
left join graded
    on
        valued.customer_id = graded.customer_id
        and valued.snapshot_date = graded.snapshot_date
left join grades on valued.snapshot_date = grades.snapshot_date
