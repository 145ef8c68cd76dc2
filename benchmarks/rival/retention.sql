-- Rival of the retention family: fct_cohort_retention (registration and first-order
-- cohorts by day, week and month), rpt_growth_accounting and rpt_active_users.
-- A row per customer, day and each of its next 30 dates would count active users too,
-- but is thirty times the customer days; an active day reaches to the next one instead.
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

periods as (
    select
        period_grain,
        period_start,
        case period_grain
            when 'day' then true
            when 'week' then period_start + 6 <= last_date
            when 'month' then last_day(period_start) <= last_date
        end as is_complete
    from (
        select 'day' as period_grain, date_day as period_start from dates
        union
        select 'week', cast(date_trunc('week', date_day) as date) from dates
        union
        select 'month', cast(date_trunc('month', date_day) as date) from dates
    ), bounds
),

refunded as (
    select order_id, sum(amount) as amount
    from refunds
    where local_date(refunded_at) <= (select last_date from bounds)
    group by order_id
),

customer_orders as (
    select
        coalesce(
            buyers.customer_id, guests.customer_id,
            'guest:' || md5(lower(trim(orders.guest_email)))
        ) as customer_id,
        local_date(orders.ordered_at) as order_date,
        orders.status in ('paid', 'shipped', 'completed') as is_valid,
        orders.gross_amount - coalesce(orders.discount_amount, 0)
        - coalesce(refunded.amount, 0) as net_amount
    from orders
    left join accounts as buyers on orders.user_id = buyers.customer_id
    left join accounts as guests on lower(trim(orders.guest_email)) = guests.email
    left join refunded on orders.order_id = refunded.order_id
    where orders.user_id is null or buyers.customer_id is not null
),

customers as (
    select
        customer_id,
        max(registration_date) as registration_date,
        min(entry_date) as entry_date,
        min(first_order_date) as first_order_date,
        coalesce(max(channel), 'unknown') as channel
    from (
        select customer_id, registration_date, registration_date as entry_date,
            null as first_order_date, channel
        from accounts

        union all

        select
            customer_id,
            null,
            min(order_date),
            min(order_date) filter (is_valid),
            null
        from customer_orders
        group by customer_id
    )
    group by customer_id
),

channels as (
    select distinct channel from customers
    union all
    select 'all'
),

customer_days as (
    select
        activities.customer_id,
        date_day,
        bool_or(is_login) as has_login,
        not bool_and(is_login) as has_order,
        sum(net_amount) as net_amount
    from (
        select user_id as customer_id, local_date(login_at) as date_day,
            true as is_login, 0 as net_amount
        from logins

        union all

        select customer_id, order_date, false, net_amount
        from customer_orders
        where is_valid
    ) as activities
    inner join customers on activities.customer_id = customers.customer_id
    where date_day >= entry_date
    group by activities.customer_id, date_day
),

grains as (
    select * from (values ('day', 30), ('week', 12), ('month', 12)) as t(grain, longest)
),

members as (
    select
        cohort_basis,
        grain as period_grain,
        longest,
        customer_id,
        channel,
        cast(date_trunc(grain, cohort_date) as date) as cohort_start_date
    from (
        select 'registration' as cohort_basis, customer_id, channel,
            registration_date as cohort_date
        from customers

        union all

        select 'first_order', customer_id, channel, first_order_date
        from customers
    ), grains
    where cohort_date is not null
),

-- What a member did in each period since the cohort's own.
member_periods as (
    select
        cohort_basis,
        period_grain,
        cohort_start_date,
        channel,
        members.customer_id,
        least(
            date_diff(period_grain, cohort_start_date, date_day), longest + 1
        ) as period_number,
        bool_or(has_login) as has_login,
        bool_or(has_order) as has_order,
        sum(net_amount) as net_amount
    from members
    inner join customer_days
        on
            members.customer_id = customer_days.customer_id
            and customer_days.date_day >= members.cohort_start_date
    group by all
),

member_activities as (
    select *, unnest(
        case
            when has_login and has_order then ['login', 'order', 'any']
            when has_login then ['login', 'any']
            else ['order', 'any']
        end
    ) as activity
    from member_periods
),

member_returns as (
    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        unnest(
            case when period_grain = 'month' then ['all', channel] else ['all'] end
        ) as channel,
        period_number,
        period_number = max(period_number) over (
            partition by cohort_basis, activity, period_grain, customer_id
        ) as is_last,
        net_amount,
        least(
            net_amount, max(net_amount) filter (period_number = 0) over (
                partition by cohort_basis, activity, period_grain, customer_id
            )
        ) as kept_amount
    from member_activities
),

cells as (
    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        channel,
        period_number,
        count(*) as retained_count,
        count(*) filter (is_last) as last_count,
        sum(net_amount) as net_amount,
        sum(kept_amount) as kept_amount
    from member_returns
    group by all
),

cohort_sizes as (
    select
        cohort_basis,
        period_grain,
        cohort_start_date,
        channels.channel,
        count(*) as customer_count
    from members
    inner join channels
        on
            channels.channel = 'all'
            or (channels.channel = members.channel and period_grain = 'month')
    group by all
),

cohorts as (
    select
        bases.cohort_basis,
        activity,
        grains.grain as period_grain,
        cohort_periods.period_start as cohort_start_date,
        channels.channel,
        number as period_number,
        coalesce(cohort_sizes.customer_count, 0) as cohort_customer_count,
        periods.is_complete as is_mature
    from (values ('registration'), ('first_order')) as bases(cohort_basis)
    cross join (values ('login'), ('order'), ('any')) as activities(activity)
    cross join grains
    inner join channels on channels.channel = 'all' or grains.grain = 'month'
    inner join periods as cohort_periods on grains.grain = cohort_periods.period_grain
    cross join unnest(range(longest + 2)) as numbers(number)
    left join periods
        on
            grains.grain = periods.period_grain
            and periods.period_start = cohort_periods.period_start + case grains.grain
                when 'day' then number * interval 1 day
                when 'week' then number * interval 7 days
                else number * interval 1 month
            end
    left join cohort_sizes
        on
            bases.cohort_basis = cohort_sizes.cohort_basis
            and grains.grain = cohort_sizes.period_grain
            and cohort_periods.period_start = cohort_sizes.cohort_start_date
            and channels.channel = cohort_sizes.channel
),

curves as (
    select
        cohorts.*,
        coalesce(cells.retained_count, 0) as retained_count,
        sum(coalesce(cells.last_count, 0)) over (
            curve rows between current row and unbounded following
        ) as retained_or_later_count,
        case when cohort_basis = 'first_order' and activity = 'order'
            then coalesce(cells.net_amount, 0) end as net_amount,
        coalesce(cells.kept_amount, 0) as kept_amount,
        first_value(cells.net_amount) over curve as base_amount
    from cohorts
    left join cells using (
        cohort_basis, activity, period_grain, cohort_start_date, channel, period_number
    )
    window curve as (
        partition by cohort_basis, activity, period_grain, cohort_start_date, channel
        order by period_number
    )
),

cohort_report as (
    select
        cohort_basis,
        activity,
        period_grain,
        cohort_start_date,
        channel,
        period_number,
        cohort_customer_count,
        retained_count,
        retained_or_later_count,
        case when is_mature then retained_count / nullif(cohort_customer_count, 0) end
            as retention_rate,
        case
            when is_mature
                then retained_or_later_count / nullif(cohort_customer_count, 0)
        end as unbounded_retention_rate,
        net_amount,
        case when is_mature then net_amount / nullif(cohort_customer_count, 0) end
            as net_amount_per_customer,
        case when is_mature and period_grain = 'month'
            then net_amount / nullif(base_amount, 0) end as nrr_rate,
        case when is_mature and period_grain = 'month' and net_amount is not null
            then kept_amount / nullif(base_amount, 0) end as grr_rate,
        is_mature
    from curves
    inner join grains on curves.period_grain = grains.grain
    where is_mature is not null and period_number <= longest
),

-- Growth accounting: who is active in a period, and was when before.
customer_periods as (
    select
        population,
        grain as period_grain,
        customer_id,
        cast(date_trunc(grain, date_day) as date) as period_start,
        sum(net_amount) as net_amount
    from customer_days
    cross join grains
    inner join (values ('active'), ('buyers')) as populations(population)
        on population = 'active' or has_order
    group by all
),

followed as (
    select
        *,
        lag(period_start) over history as previous_start,
        lag(net_amount) over history as previous_amount,
        case period_grain
            when 'day' then period_start - 1
            when 'week' then period_start - 7
            else cast(period_start - interval 1 month as date)
        end as expected_start
    from customer_periods
    window history as (
        partition by population, period_grain, customer_id order by period_start
    )
),

states as (
    select
        population,
        period_grain,
        period_start,
        unnest(['all', channel]) as channel,
        case
            when previous_start is null then 'new'
            when previous_start = expected_start then 'retained'
            else 'resurrected'
        end as state,
        net_amount,
        case when state = 'retained' then previous_amount end as previous_amount
    from followed
    inner join customers on followed.customer_id = customers.customer_id
),

state_sums as (
    select
        population,
        period_grain,
        period_start,
        channel,
        count(*) as active_count,
        count(*) filter (state = 'new') as new_count,
        count(*) filter (state = 'retained') as retained_count,
        count(*) filter (state = 'resurrected') as resurrected_count,
        sum(net_amount) as amount,
        sum(net_amount) filter (state = 'new') as new_amount,
        sum(net_amount) filter (state = 'resurrected') as resurrected_amount,
        sum(least(net_amount, previous_amount)) filter (state = 'retained')
            as retained_amount,
        sum(greatest(net_amount - previous_amount, 0)) as expansion_amount,
        sum(greatest(previous_amount - net_amount, 0)) as contraction_amount
    from states
    group by all
),

growth as (
    select
        population,
        period_grain,
        period_start as period_start_date,
        channel,
        is_complete,
        population = 'buyers' as has_money,
        coalesce(active_count, 0) as active_customer_count,
        coalesce(new_count, 0) as new_customer_count,
        coalesce(retained_count, 0) as retained_customer_count,
        coalesce(resurrected_count, 0) as resurrected_customer_count,
        lag(active_customer_count, 1, 0) over history as previous_count,
        case when is_complete then previous_count - retained_customer_count end
            as churned_customer_count,
        coalesce(new_amount, 0) as new_net_amount,
        coalesce(retained_amount, 0) as retained_net_amount,
        coalesce(resurrected_amount, 0) as resurrected_net_amount,
        coalesce(expansion_amount, 0) as expansion_net_amount,
        case when is_complete then coalesce(contraction_amount, 0) end
            as contraction_net_amount,
        lag(coalesce(amount, 0), 1, 0) over history - retained_net_amount
        - contraction_net_amount as churned_net_amount
    from periods
    cross join channels
    cross join (values ('active'), ('buyers')) as populations(population)
    left join state_sums using (population, period_grain, period_start, channel)
    window history as (
        partition by population, period_grain, channel order by period_start
    )
),

growth_report as (
    select
        population,
        period_grain,
        period_start_date,
        channel,
        active_customer_count,
        new_customer_count,
        retained_customer_count,
        resurrected_customer_count,
        churned_customer_count,
        case when has_money then new_net_amount end as new_net_amount,
        case when has_money then retained_net_amount end as retained_net_amount,
        case when has_money then resurrected_net_amount end as resurrected_net_amount,
        case when has_money then expansion_net_amount end as expansion_net_amount,
        case when has_money then contraction_net_amount end as contraction_net_amount,
        case when has_money then churned_net_amount end as churned_net_amount,
        (new_customer_count + resurrected_customer_count)
        / nullif(churned_customer_count, 0) as quick_ratio,
        case
            when has_money
                then
                    (new_net_amount + resurrected_net_amount + expansion_net_amount)
                    / nullif(
                        growth.churned_net_amount + growth.contraction_net_amount, 0
                    )
        end as net_quick_ratio,
        churned_customer_count / nullif(previous_count, 0) as flow_churn_rate,
        is_complete
    from growth
),

-- Daily, weekly and monthly active users: steps up on an active day, down where its
-- reach ends before the next one.
reaches as (
    select
        date_day,
        lead(date_day, 1, date '9999-12-31') over (
            partition by customer_id order by date_day
        ) as next_date
    from customer_days
),

steps as (
    select date_day, count(*) as day_step, count(*) as week_step, count(*) as month_step
    from reaches
    group by all
    union all
    select least(next_date, date_day + 7), 0, -count(*), 0 from reaches group by all
    union all
    select least(next_date, date_day + 30), 0, 0, -count(*) from reaches group by all
),

active_users as (
    select
        date_day,
        coalesce(sum(day_step), 0) as dau_count,
        sum(coalesce(sum(week_step), 0)) over history as wau_count,
        sum(coalesce(sum(month_step), 0)) over history as mau_count,
        dau_count / nullif(mau_count, 0) as stickiness_rate,
        sum(coalesce(sum(day_step), 0)) over (
            order by date_day rows between 29 preceding and current row
        ) / 30 / nullif(mau_count, 0) as average_stickiness_rate
    from dates
    left join steps using (date_day)
    group by date_day
    window history as (order by date_day)
)

select 'fct_cohort_retention' as report, * from cohort_report
union all by name
select 'rpt_growth_accounting' as report, * from growth_report
union all by name
select 'rpt_active_users' as report, * from active_users
