-- Rival of the stage frameworks in seeds/reference/stage_rules.csv (AIPL, AIPLA, 4A,
-- 5A, 5R, JOURNEY): rpt_aipl_stage_counts, customers per stage and day, and
-- rpt_aipl_stage_flows, moves between month ends.
-- A row per customer and day is out of reach for a million customers (hundreds of
-- millions of rows, times six frameworks), so each rule's windows become spans: days in
-- reach of each other are islands, and a stage changes only where a span begins or
-- ends. Rules are read as "on min_days days", 1, 2, 8 or 20: that is all they ask for.
with

accounts as (
    select
        user_id as customer_id,
        lower(trim(email)) as email,
        local_date(registered_at) as registration_date,
        member_since
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
        orders.ordered_at,
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
        min(entry_date) as entry_date,
        min(first_order_at) as first_order_at
    from (
        select customer_id, registration_date as entry_date, null as first_order_at
        from accounts

        union all

        select
            customer_id,
            min(order_date),
            min(ordered_at) filter (is_valid)
        from customer_orders
        group by customer_id
    )
    group by customer_id
),

-- What customers did, on which days, as far as a rule asks for it.
raw_behaviours as (
    select user_id as customer_id, 'login' as behaviour, login_at as happened_at,
        null as rating
    from logins

    union all

    select user_id, event_name, event_at, rating
    from events
    where user_id is not null

    union all

    select user_id, 'survey', responded_at, score
    from survey_responses
    where survey_type = 'rating'

    union all

    select referrals.referrer_id, 'referral_accepted', referrals.accepted_at, null
    from referrals
    inner join accounts on referrals.referee_id = accounts.customer_id
    where referrals.accepted_at is not null
),

behaviours as (
    select
        raw_behaviours.customer_id,
        unnest(
            case
                when behaviour = 'login' then ['login', 'exposure', 'browse']
                when behaviour = 'view' then ['view', 'exposure', 'browse']
                when behaviour in ('impression', 'click') then [behaviour, 'exposure']
                when behaviour = 'share' and happened_at >= first_order_at
                    then ['share', 'buyer_share']
                when behaviour in ('review', 'survey') and rating >= 4
                    and happened_at >= first_order_at
                    then [behaviour, 'buyer_positive_review']
                when behaviour = 'referral_accepted' and happened_at >= first_order_at
                    then ['referral_accepted', 'buyer_referral']
                else [behaviour]
            end
        ) as behaviour,
        local_date(happened_at) as date_day
    from raw_behaviours
    inner join customers on raw_behaviours.customer_id = customers.customer_id

    union all

    select customer_id, 'order', order_date
    from customer_orders
    where is_valid

    union all

    select customer_id, 'membership', member_since
    from accounts
    where member_since <= (select last_date from bounds)
),

behaviour_days as (
    select distinct customer_id, behaviour, date_day
    from behaviours
    where behaviour in (select behaviour from stage_rules)
),

days_back as (
    select
        *,
        lag(date_day, 1) over history as back_1,
        lag(date_day, 7) over history as back_7,
        lag(date_day, 19) over history as back_19
    from behaviour_days
    window history as (partition by customer_id, behaviour order by date_day)
),

conditions as (
    select distinct behaviour, min_days, window_days
    from stage_rules
),

-- k days within the window hold from the k-th day until the first of them is too old.
reaches as (
    select
        customer_id,
        conditions.behaviour,
        min_days,
        window_days,
        date_day,
        case min_days
            when 1 then date_day
            when 2 then back_1
            when 8 then back_7
            when 20 then back_19
        end + cast(window_days as integer) as until_date
    from days_back
    inner join conditions on days_back.behaviour = conditions.behaviour
),

linked as (
    select
        *,
        date_day <= lag(until_date) over (
            partition by customer_id, behaviour, min_days, window_days
            order by date_day
        ) as continues
    from reaches
    where until_date > date_day
),

islands as (
    select
        *,
        count(*) filter (continues is not true) over (
            partition by customer_id, behaviour, min_days, window_days
            order by date_day
        ) as island
    from linked
),

rule_spans as (
    select
        customer_id,
        behaviour,
        min_days,
        window_days,
        min(date_day) as from_date,
        max(until_date) as until_date
    from islands
    group by customer_id, behaviour, min_days, window_days, island
),

-- Where a rule of a stage begins (+1) or ceases (-1) to hold, once the customer exists.
stage_steps as (
    select
        rule_spans.customer_id,
        stage_rules.framework,
        stage_rules.stage_rank,
        unnest([greatest(from_date, entry_date), until_date]) as step_date,
        unnest([1, -1]) as step
    from rule_spans
    inner join customers on rule_spans.customer_id = customers.customer_id
    inner join stage_rules
        on
            rule_spans.behaviour = stage_rules.behaviour
            and rule_spans.min_days = stage_rules.min_days
            and rule_spans.window_days = stage_rules.window_days
    where until_date > entry_date
),

running as (
    select
        customer_id,
        framework,
        step_date,
        sum(sum(step) filter (stage_rank = 1)) over history as rules_1,
        sum(sum(step) filter (stage_rank = 2)) over history as rules_2,
        sum(sum(step) filter (stage_rank = 3)) over history as rules_3,
        sum(sum(step) filter (stage_rank = 4)) over history as rules_4,
        sum(sum(step) filter (stage_rank = 5)) over history as rules_5,
        sum(sum(step) filter (stage_rank = 6)) over history as rules_6,
        sum(sum(step) filter (stage_rank = 7)) over history as rules_7
    from stage_steps
    group by customer_id, framework, step_date
    window history as (partition by customer_id, framework order by step_date)
),

spans as (
    select
        customer_id,
        framework,
        case
            when rules_7 > 0 then 7
            when rules_6 > 0 then 6
            when rules_5 > 0 then 5
            when rules_4 > 0 then 4
            when rules_3 > 0 then 3
            when rules_2 > 0 then 2
            when rules_1 > 0 then 1
            else 0
        end as stage_rank,
        step_date as from_date,
        lead(step_date, 1, date '9999-12-31') over (
            partition by customer_id, framework
            order by step_date
        ) as until_date
    from running
),

stages as (
    select distinct framework, stage_rank, stage_code as stage
    from stage_rules

    union all

    select distinct framework, 0, 'none'
    from stage_rules
),

daily_steps as (
    select framework, stage_rank, from_date as date_day, count(*) as step
    from spans
    group by all

    union all

    select framework, stage_rank, until_date, -count(*)
    from spans
    group by all

    union all

    -- From entry to the first rule there is no stage.
    select framework, 0, entry_date, count(*)
    from customers, (select distinct framework from stage_rules)
    group by all

    union all

    select framework, 0, min_date, -count(*)
    from (
        select framework, customer_id, min(from_date) as min_date
        from spans
        group by all
    )
    group by all
),

counts as (
    select
        stages.framework,
        stages.stage,
        stages.stage_rank,
        dates.date_day,
        sum(coalesce(sum(daily_steps.step), 0)) over (
            partition by stages.framework, stages.stage
            order by dates.date_day
        ) as customer_count
    from stages
    cross join dates
    left join daily_steps
        on
            stages.framework = daily_steps.framework
            and stages.stage_rank = daily_steps.stage_rank
            and dates.date_day = daily_steps.date_day
    group by stages.framework, stages.stage, stages.stage_rank, dates.date_day
),

snapshots as (
    select distinct least(last_day(date_day), last_date) as snapshot_date
    from dates, bounds
),

pairs as (
    select
        coalesce(
            lag(snapshot_date) over (order by snapshot_date), first_date - 1
        ) as date_from,
        snapshot_date as date_to
    from snapshots, bounds

    union

    select last_date - 30, last_date
    from bounds
),

moves as (
    select
        stages.framework,
        pairs.date_from,
        pairs.date_to,
        customers.customer_id,
        coalesce(starts.stage_rank, 0) as from_rank,
        coalesce(ends.stage_rank, 0) as to_rank,
        customers.entry_date > pairs.date_from as is_new
    from pairs
    inner join customers on customers.entry_date <= pairs.date_to
    cross join (select distinct framework from stage_rules) as stages
    left join spans as starts
        on
            customers.customer_id = starts.customer_id
            and stages.framework = starts.framework
            and starts.from_date <= pairs.date_from
            and starts.until_date > pairs.date_from
    left join spans as ends
        on
            customers.customer_id = ends.customer_id
            and stages.framework = ends.framework
            and ends.from_date <= pairs.date_to
            and ends.until_date > pairs.date_to
),

flows as (
    select
        framework,
        date_from,
        date_to,
        from_rank,
        to_rank,
        count(*) as customer_count,
        count(*) filter (is_new) as new_customer_count
    from moves
    group by framework, date_from, date_to, from_rank, to_rank
)

select
    'rpt_aipl_stage_counts' as report,
    framework,
    stage,
    date_day,
    stage_rank,
    customer_count,
    customer_count / nullif(
        sum(customer_count) over (partition by framework, date_day), 0
    ) as customer_share

from counts

union all by name

select
    'rpt_aipl_stage_flows' as report,
    flows.framework,
    date_from,
    date_to,
    starts.stage as from_stage,
    ends.stage as to_stage,
    customer_count,
    customer_count / sum(customer_count) over (
        partition by flows.framework, date_from, date_to, from_rank
    ) as customer_share,
    new_customer_count

from flows
inner join stages as starts
    on flows.framework = starts.framework and flows.from_rank = starts.stage_rank
inner join stages as ends
    on flows.framework = ends.framework and flows.to_rank = ends.stage_rank
