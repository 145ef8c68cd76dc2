-- Rival of the value family: fct_customer_lifetime_values (one row per customer),
-- rpt_cohort_ltv (first-order month, channel, month since) and rpt_commerce_periods
-- (day, week, month and quarter by channel). The repurchase rate of every date looks
-- back 365 days: an order counts from its date to the next one instead of on each date.
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

grains as (
    select unnest(['day', 'week', 'month', 'quarter']) as grain
),

periods as (
    select
        grain as period_grain,
        cast(date_trunc(grain, date_day) as date) as period_start_date,
        max(date_day) as last_date,
        max(date_day) + 1 = cast(
            case grain
                when 'day' then date_trunc(grain, max(date_day)) + interval 1 day
                when 'week' then date_trunc(grain, max(date_day)) + interval 7 days
                when 'month' then date_trunc(grain, max(date_day)) + interval 1 month
                else date_trunc(grain, max(date_day)) + interval 3 months
            end as date
        ) as is_complete
    from dates, grains
    group by grain, period_start_date
),

refunded as (
    select order_id, sum(amount) as amount
    from refunds
    where local_date(refunded_at) <= (select last_date from bounds)
    group by order_id
),

items as (
    select
        order_id,
        sum(quantity) as units,
        case when count(*) = count(unit_cost) then sum(quantity * unit_cost) end as cost
    from order_items
    group by order_id
),

customer_orders as (
    select
        orders.order_id,
        orders.ordered_at,
        coalesce(
            buyers.customer_id, guests.customer_id,
            'guest:' || md5(lower(trim(orders.guest_email)))
        ) as customer_id,
        local_date(orders.ordered_at) as order_date,
        orders.status,
        orders.status in ('paid', 'shipped', 'completed') as is_valid,
        orders.gross_amount,
        coalesce(orders.discount_amount, 0) as discount_amount,
        coalesce(refunded.amount, 0) as refund_amount,
        orders.gross_amount - coalesce(orders.discount_amount, 0) as charged_amount,
        orders.gross_amount - coalesce(orders.discount_amount, 0)
        - coalesce(refunded.amount, 0) as net_paid,
        items.units,
        cast(coalesce(items.cost, orders.cost_amount) as double) as known_cost,
        case
            when known_cost is null then cast(net_paid as double)
            when charged_amount = 0 then -known_cost
            else
                net_paid - known_cost * net_paid / charged_amount
        end as margin_amount
    from orders
    left join accounts as buyers on orders.user_id = buyers.customer_id
    left join accounts as guests on lower(trim(orders.guest_email)) = guests.email
    left join refunded on orders.order_id = refunded.order_id
    left join items on orders.order_id = items.order_id
    where orders.user_id is null or buyers.customer_id is not null
),

customers as (
    select
        customer_id,
        min(entry_date) as entry_date,
        coalesce(max(channel), 'unknown') as channel
    from (
        select customer_id, registration_date as entry_date, channel from accounts
        union all
        select customer_id, order_date, null from customer_orders
    )
    group by customer_id
),

channels as (
    select distinct channel from customers
    union all
    select 'all'
),

valid_orders as (
    select
        customer_orders.*,
        customers.channel,
        row_number() over history as order_number,
        lag(order_date) over history as previous_date,
        lead(order_date) over history as next_date,
        min(order_date) over (partition by customer_orders.customer_id)
            as first_order_date
    from customer_orders
    inner join customers on customer_orders.customer_id = customers.customer_id
    where is_valid
    window history as (
        partition by customer_orders.customer_id order by ordered_at, order_id
    )
),

-- Customers.
lifetime_report as (
    select
        customers.customer_id,
        any_value(last_date) as as_of_date,
        coalesce(sum(net_paid), 0) as historic_net_amount,
        coalesce(sum(margin_amount), 0) as historic_margin_amount,
        count(order_id) as valid_order_count,
        greatest(count(distinct order_date) - 1, 0) as repeat_order_count,
        (max(order_date) - min(order_date)) / 7 as recency_weeks,
        (any_value(last_date) - min(order_date)) / 7 as age_weeks,
        count(distinct date_trunc('month', order_date)) as active_month_count,
        sum(net_paid) / nullif(count(order_id), 0) as average_order_amount
    from customers
    cross join bounds
    left join valid_orders on customers.customer_id = valid_orders.customer_id
    group by customers.customer_id
),

-- Cohorts by the month of the first order.
cohort_margins as (
    select
        cohort_month,
        channel,
        month_offset,
        sum(margin_amount) as margin_amount,
        count(*) filter (order_number = 1) as customer_count
    from (
        select
            cast(date_trunc('month', first_order_date) as date) as cohort_month,
            unnest(['all', channel]) as channel,
            date_diff('month', first_order_date, order_date) as month_offset,
            margin_amount,
            order_number
        from valid_orders
    )
    group by all
),

cohort_report as (
    select
        months.period_start_date as cohort_month,
        channels.channel,
        date_diff('month', months.period_start_date, later.period_start_date)
            as month_offset,
        sum(coalesce(customer_count, 0)) over life as cohort_customer_count,
        sum(coalesce(margin_amount, 0)) over life as cumulative_margin_amount,
        case when later.is_complete
            then cumulative_margin_amount / nullif(cohort_customer_count, 0)
        end as ltv_amount,
        later.is_complete as is_mature
    from periods as months
    inner join periods as later
        on
            later.period_grain = 'month'
            and later.period_start_date >= months.period_start_date
    cross join channels
    left join cohort_margins
        on
            months.period_start_date = cohort_margins.cohort_month
            and channels.channel = cohort_margins.channel
            and date_diff('month', months.period_start_date, later.period_start_date)
            = cohort_margins.month_offset
    where months.period_grain = 'month'
    window life as (
        partition by months.period_start_date, channels.channel
        order by later.period_start_date
    )
),

-- Commerce: orders and refunds when they happened, people who came, and who of the last
-- year's buyers bought again.
order_sums as (
    select
        grain as period_grain,
        cast(date_trunc(grain, order_date) as date) as period_start_date,
        reported_channel as channel,
        count(*) as order_count,
        count(*) filter (order_number > 1) as repeat_order_count,
        sum(gross_amount) as gmv_amount,
        sum(discount_amount) as discount_amount,
        sum(refund_amount) as refund_amount,
        sum(net_paid) as net_amount,
        sum(charged_amount) as charged_amount,
        sum(units) as unit_count
    from (select *, unnest(['all', channel]) as reported_channel from valid_orders),
        grains
    group by all
),

refund_sums as (
    select
        grain as period_grain,
        cast(date_trunc(grain, refund_date) as date) as period_start_date,
        channel,
        sum(amount) as refunded_amount
    from (
        select
            local_date(refunds.refunded_at) as refund_date,
            unnest(['all', channel]) as channel,
            refunds.amount
        from refunds
        inner join valid_orders on refunds.order_id = valid_orders.order_id
    ), grains
    group by all
),

cancelled as (
    select
        grain as period_grain,
        cast(date_trunc(grain, order_date) as date) as period_start_date,
        channel,
        count(*) as cancelled_order_count
    from (
        select order_date, unnest(['all', channel]) as channel
        from customer_orders
        inner join customers on customer_orders.customer_id = customers.customer_id
        where status = 'cancelled'
    ), grains
    group by all
),

people as (
    select
        period_grain,
        period_start_date,
        unnest(['all', channel]) as channel,
        has_order
    from (
        select
            grain as period_grain,
            cast(date_trunc(grain, date_day) as date) as period_start_date,
            customers.customer_id,
            channel,
            bool_or(is_order) as has_order
        from (
            select user_id as customer_id, local_date(login_at) as date_day,
                false as is_order
            from logins
            union
            select customer_id, order_date, true from customer_orders where is_valid
        ) as activities
        inner join customers on activities.customer_id = customers.customer_id
        cross join grains
        where date_day >= entry_date
        group by all
    )
),

people_counts as (
    select
        period_grain,
        period_start_date,
        channel,
        count(*) as active_customer_count,
        count(*) filter (has_order) as buyer_count
    from people
    group by all
),

buyer_steps as (
    select order_date as date_day, channel, 1 as buyers, 0 as repeaters
    from valid_orders
    union all
    select least(next_date, order_date + 365), channel, -1, 0 from valid_orders
    union all
    select order_date, channel, 0, 1
    from valid_orders
    where previous_date > order_date - 365
    union all
    select least(next_date, previous_date + 365), channel, 0, -1
    from valid_orders
    where previous_date > order_date - 365
),

buyer_steps_by_channel as (
    select date_day, channel, sum(buyers) as buyers, sum(repeaters) as repeaters
    from (
        select date_day, unnest(['all', channel]) as channel, buyers, repeaters
        from buyer_steps
    )
    group by date_day, channel
),

year_buyers as (
    select
        date_day,
        channel,
        sum(coalesce(buyers, 0)) over history as buyers,
        sum(coalesce(repeaters, 0)) over history as repeaters
    from dates
    cross join channels
    left join buyer_steps_by_channel using (date_day, channel)
    window history as (partition by channel order by date_day)
),

commerce_report as (
    select
        period_grain,
        period_start_date,
        channel,
        coalesce(order_count, 0) as order_count,
        coalesce(buyer_count, 0) as buyer_count,
        coalesce(active_customer_count, 0) as active_customer_count,
        coalesce(gmv_amount, 0) as gmv_amount,
        coalesce(net_amount, 0) as net_amount,
        coalesce(charged_amount, 0) - coalesce(refunded_amount, 0) as cash_net_amount,
        net_amount / nullif(order_count, 0) as average_order_amount,
        net_amount / nullif(buyer_count, 0) as spend_per_buyer_amount,
        coalesce(net_amount, 0) / nullif(active_customer_count, 0) as arpu_amount,
        net_amount / nullif(buyer_count, 0) as arppu_amount,
        coalesce(buyer_count, 0) / nullif(active_customer_count, 0) as paying_rate,
        repeaters / nullif(buyers, 0) as repurchase_rate,
        repeat_order_count / nullif(order_count, 0) as repeat_order_share,
        coalesce(cancelled_order_count, 0) as cancelled_order_count,
        refund_amount / nullif(charged_amount, 0) as refund_rate,
        discount_amount / nullif(gmv_amount, 0) as discount_rate,
        coalesce(unit_count, 0) as unit_count,
        is_complete
    from periods
    inner join year_buyers on periods.last_date = year_buyers.date_day
    left join order_sums using (period_grain, period_start_date, channel)
    left join refund_sums using (period_grain, period_start_date, channel)
    left join cancelled using (period_grain, period_start_date, channel)
    left join people_counts using (period_grain, period_start_date, channel)
)

select 'fct_customer_lifetime_values' as report, * from lifetime_report
union all by name
select 'rpt_cohort_ltv' as report, * from cohort_report
union all by name
select 'rpt_commerce_periods' as report, * from commerce_report
