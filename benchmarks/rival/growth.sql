-- Rival of the growth family: rpt_fast_index (AIPL stages and super users at month
-- ends), rpt_viral_growth (K-factor by registration month and channel),
-- rpt_referral_generations, rpt_referral_periods and rpt_channel_acquisition. Stages
-- are read at the month ends alone: behaviour days meet every snapshot date whose
-- window they lie in.
with recursive

accounts as (
    select
        user_id as customer_id,
        lower(trim(email)) as email,
        local_date(registered_at) as registration_date,
        coalesce(channel, 'unknown') as channel,
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

months as (
    select
        cast(month as date) as month_start_date,
        last_day(month_start_date) <= last_date as is_complete
    from bounds, unnest(
        generate_series(date_trunc('month', first_date), last_date, interval 1 month)
    ) as t(month)
),

snapshots as (
    select
        least(last_day(month_start_date), last_date) as snapshot_date,
        lag(snapshot_date) over (order by snapshot_date) as start_date,
        is_complete
    from months, bounds
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
        orders.status in ('paid', 'shipped', 'completed') as is_valid,
        orders.gross_amount - coalesce(orders.discount_amount, 0) as amount
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
        min(first_order_at) as first_order_at,
        coalesce(max(channel), 'unknown') as channel,
        max(member_since) as member_since
    from (
        select customer_id, registration_date, registration_date as entry_date,
            null as first_order_at, channel, member_since
        from accounts

        union all

        select customer_id, null, min(order_date), min(ordered_at) filter (is_valid),
            null, null
        from customer_orders
        group by customer_id
    )
    group by customer_id
),

invitations as (
    select
        referrer_id,
        referee_id,
        local_date(invited_at) as invited_date,
        accepted_at,
        local_date(accepted_at) as accepted_date
    from referrals
    inner join accounts on referrals.referrer_id = accounts.customer_id
    left join accounts as referees on referrals.referee_id = referees.customer_id
    where
        (referrals.referee_id is null or referees.customer_id is not null)
        and local_date(invited_at) <= (select last_date from bounds)
),

-- What FAST asks for: behaviour days, with their number of occurrences.
raw_behaviours as (
    select user_id as customer_id, 'login' as behaviour, login_at as happened_at,
        null as rating
    from logins
    union all
    select user_id, event_name, event_at, rating from events where user_id is not null
    union all
    select user_id, 'survey', responded_at, score
    from survey_responses
    where survey_type = 'rating'
    union all
    select referrer_id, 'referral_accepted', accepted_at, null
    from invitations
    where accepted_at is not null
    union all
    select customer_id, 'order', ordered_at, null from customer_orders where is_valid
    union all
    select customer_id, 'membership', member_since, null from customers
),

behaviours as (
    select
        raw_behaviours.customer_id,
        unnest(
            case
                when behaviour in ('login', 'view') then ['exposure', 'browse']
                when behaviour in ('impression', 'click') then ['exposure']
                when behaviour in ('review', 'survey') and rating >= 4
                    and happened_at >= first_order_at
                    then [behaviour, 'buyer_positive_review']
                else [behaviour]
            end
        ) as behaviour,
        case when behaviour = 'membership' then cast(happened_at as date)
            else local_date(happened_at) end as date_day
    from raw_behaviours
    inner join customers on raw_behaviours.customer_id = customers.customer_id
),

behaviour_days as (
    select customer_id, behaviour, date_day, count(*) as occurrences
    from behaviours
    group by customer_id, behaviour, date_day
),

held_rules as (
    select customer_id, snapshot_date, stage_code, stage_rank
    from behaviour_days
    inner join stage_rules on behaviour_days.behaviour = stage_rules.behaviour
    inner join snapshots
        on
            date_day <= snapshot_date
            and snapshot_date - date_day < stage_rules.window_days
    where framework = 'AIPL'
    group by
        customer_id, snapshot_date, stage_code, stage_rank, stage_rules.behaviour,
        min_days, window_days
    having count(distinct date_day) >= min_days
),

stages as (
    select
        held_rules.customer_id,
        snapshot_date,
        max(stage_rank) as stage_rank,
        max(weight) as weight
    from held_rules
    inner join fast_weights on held_rules.stage_code = fast_weights.stage_code
    inner join customers on held_rules.customer_id = customers.customer_id
    where entry_date <= snapshot_date
    group by held_rules.customer_id, snapshot_date
),

fertility as (
    select
        snapshot_date,
        count(*) as fertility_count,
        sum(weight) as fertility_weighted_count
    from stages
    group by snapshot_date
),

advances as (
    select
        snapshots.snapshot_date,
        count(*) as start_count,
        count(*) filter (ends.stage_rank > starts.stage_rank) as advanced_count,
        sum(ends.weight - starts.weight) filter (ends.stage_rank > starts.stage_rank)
            as advanced_weight
    from snapshots
    inner join stages as starts on snapshots.start_date = starts.snapshot_date
    left join stages as ends
        on
            starts.customer_id = ends.customer_id
            and snapshots.snapshot_date = ends.snapshot_date
    group by snapshots.snapshot_date
),

bookings as (
    select customer_id, order_date, order_date as booked_date, amount
    from customer_orders
    where is_valid
    union all
    select customer_id, order_date, local_date(refunded_at), -refunds.amount
    from refunds
    inner join customer_orders on refunds.order_id = customer_orders.order_id
    where is_valid
),

criteria as (
    select customer_id, snapshot_date, 'member' as criterion
    from customers
    inner join snapshots on member_since <= snapshot_date

    union all

    select customer_id, snapshot_date, unnest(
        case when follows >= 1 then ['fan'] else [] end
        || case when referred >= 1 or shares >= 3 then ['high_spread'] else [] end
    )
    from (
        select
            customer_id,
            snapshot_date,
            sum(occurrences) filter (behaviour = 'follow') as follows,
            sum(occurrences) filter (behaviour = 'share') as shares,
            sum(occurrences) filter (behaviour = 'referral_accepted') as referred
        from behaviour_days
        inner join snapshots
            on date_day <= snapshot_date and date_day > snapshot_date - 365
        where behaviour in ('follow', 'share', 'referral_accepted')
        group by customer_id, snapshot_date
    )

    union all

    select customer_id, snapshot_date, 'high_value'
    from bookings
    inner join snapshots
        on booked_date <= snapshot_date and order_date > snapshot_date - 365
    group by customer_id, snapshot_date
    having sum(amount) >= 5000
),

super_users as (
    select criteria.customer_id, snapshot_date, max(weight) as weight
    from criteria
    inner join super_user_rules on criteria.criterion = super_user_rules.criterion
    inner join customers on criteria.customer_id = customers.customer_id
    where entry_date <= snapshot_date
    group by criteria.customer_id, snapshot_date
),

thriving as (
    select distinct customer_id, snapshot_date
    from behaviour_days
    inner join snapshots
        on date_day <= snapshot_date and date_day > snapshot_date - 180
    where behaviour in (
        'order', 'favourite', 'claim', 'redeem', 'share', 'comment', 'like', 'follow',
        'review', 'check_in'
    )
),

superiority as (
    select
        snapshot_date,
        count(*) as superiority_count,
        sum(weight) as superiority_weighted_count,
        count(thriving.customer_id) as thriving_count
    from super_users
    left join thriving using (customer_id, snapshot_date)
    group by snapshot_date
),

fast_report as (
    select
        snapshots.snapshot_date,
        start_date,
        coalesce(fertility_count, 0) as fertility_count,
        coalesce(fertility_weighted_count, 0) as fertility_weighted_count,
        100 * coalesce(fertility_weighted_count, 0)
        / first_value(fertility_weighted_count ignore nulls) over by_date
            as fertility_index,
        case when is_complete then advanced_count / start_count end as advancing_rate,
        case when is_complete
            then coalesce(advanced_weight, 0) / start_count / (
                select max(weight) - min(weight) from fast_weights
            )
        end as advancing_weighted_rate,
        coalesce(superiority_count, 0) as superiority_count,
        coalesce(superiority_weighted_count, 0) as superiority_weighted_count,
        100 * coalesce(superiority_weighted_count, 0)
        / first_value(superiority_weighted_count ignore nulls) over by_date
            as superiority_index,
        thriving_count / superiority_count as thriving_rate,
        is_complete
    from snapshots
    left join fertility using (snapshot_date)
    left join advances using (snapshot_date)
    left join superiority using (snapshot_date)
    window by_date as (
        order by snapshots.snapshot_date
        rows between unbounded preceding and unbounded following
    )
),

channels as (
    select distinct channel from customers
),

-- K-factor: what the first 30 days after registration brought.
shared as (
    select
        customers.customer_id,
        count(*) as invites,
        count(*) filter (accepted_date <= registration_date + 30) as accepted,
        sum(accepted_date - registration_date)
            filter (accepted_date <= registration_date + 30) as accepted_days
    from customers
    inner join invitations on customers.customer_id = invitations.referrer_id
    where invited_date between registration_date and registration_date + 30
    group by customers.customer_id
),

viral_sums as (
    select
        cast(date_trunc('month', registration_date) as date) as cohort_month,
        coalesce(channel, 'all') as channel,
        count(*) as registered_count,
        count(shared.customer_id) as sharing_customer_count,
        coalesce(sum(invites), 0) as invite_count,
        coalesce(sum(accepted), 0) as accepted_count,
        sum(accepted_days) as accepted_days
    from customers
    left join shared on customers.customer_id = shared.customer_id
    where registration_date is not null
    group by grouping sets ((cohort_month, channel), (cohort_month))
),

viral_report as (
    select
        month_start_date as cohort_month,
        reported.channel,
        coalesce(viral_sums.registered_count, 0) as registered_count,
        coalesce(viral_sums.sharing_customer_count, 0) as sharing_customer_count,
        coalesce(viral_sums.invite_count, 0) as invite_count,
        coalesce(viral_sums.accepted_count, 0) as accepted_count,
        last_day(month_start_date) + 30 <= last_date as is_mature,
        case when is_mature
            then viral_sums.sharing_customer_count / viral_sums.registered_count end
            as share_rate,
        case when is_mature
            then viral_sums.invite_count / nullif(viral_sums.sharing_customer_count, 0)
        end as invites_per_sharer,
        case when is_mature
            then viral_sums.accepted_count / nullif(viral_sums.invite_count, 0) end
            as acceptance_rate,
        case when is_mature
            then viral_sums.accepted_count / viral_sums.registered_count end
            as k_factor,
        case when is_mature
            then accepted_days / nullif(viral_sums.accepted_count, 0) end
            as viral_cycle_days
    from months
    cross join bounds
    cross join (from channels union all select 'all') as reported
    left join viral_sums
        on
            month_start_date = viral_sums.cohort_month
            and reported.channel = viral_sums.channel
),

generations as (
    select customer_id, 0 as generation
    from customers
    anti join invitations
        on customers.customer_id = invitations.referee_id and accepted_date is not null

    union all

    select referee_id, generation + 1
    from generations
    inner join invitations on generations.customer_id = invitations.referrer_id
    where accepted_date is not null
),

generation_report as (
    select
        generation,
        count(*) as customer_count,
        coalesce(lead(count(*)) over (order by generation), 0) / count(*) as k_factor
    from generations
    group by generation
),

customer_months as (
    select
        people.customer_id,
        cast(date_trunc('month', date_day) as date) as month_start_date,
        bool_or(has_invited) as has_invited
    from (
        select user_id as customer_id, local_date(login_at) as date_day,
            false as has_invited
        from logins
        union all
        select customer_id, order_date, false from customer_orders where is_valid
        union all
        select referrer_id, invited_date, true from invitations
    ) as people
    inner join customers on people.customer_id = customers.customer_id
    group by all
),

invite_months as (
    select
        month_start_date,
        count(*) as people,
        count(*) filter (has_invited) as inviting_customer_count
    from customer_months
    group by month_start_date
),

accepted_months as (
    select
        cast(date_trunc('month', accepted_date) as date) as month_start_date,
        count(*) as accepted_count
    from invitations
    where accepted_date is not null
    group by all
),

registration_months as (
    select
        cast(date_trunc('month', registration_date) as date) as month_start_date,
        count(*) as registered_count,
        count(referee_id) as referred_count
    from customers
    left join invitations
        on customers.customer_id = referee_id and accepted_date is not null
    where registration_date is not null
    group by all
),

referral_report as (
    select
        month_start_date,
        coalesce(inviting_customer_count, 0) as inviting_customer_count,
        coalesce(inviting_customer_count, 0) / nullif(people, 0) as invite_rate,
        coalesce(accepted_count, 0) as accepted_count,
        coalesce(accepted_count, 0) / nullif(
            sum(registered_count) over (
                order by month_start_date
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as fission_coefficient,
        referred_count / nullif(registered_count, 0) as referred_share,
        is_complete
    from months
    left join invite_months using (month_start_date)
    left join accepted_months using (month_start_date)
    left join registration_months using (month_start_date)
),

-- Channels: spend, registrations and first orders by month.
channel_facts as (
    select
        cast(date_trunc('month', spend_date) as date) as month_start_date,
        channel,
        spend,
        coalesce(impressions, 0) as impressions,
        coalesce(clicks, 0) as clicks,
        0 as registered,
        0 as new_buyers
    from marketing_spend, bounds
    where spend_date between first_date and last_date

    union all

    select cast(date_trunc('month', registration_date) as date), channel, 0, 0, 0, 1, 0
    from customers
    where registration_date is not null

    union all

    select date_trunc('month', local_date(first_order_at)), channel, 0, 0, 0, 0, 1
    from customers
    where first_order_at is not null
),

channel_months as (
    select
        month_start_date,
        channel,
        sum(spend) as spend,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(registered) as registered,
        sum(new_buyers) as new_buyers
    from channel_facts
    group by month_start_date, channel
),

channel_report as (
    select
        months.month_start_date,
        reported.channel,
        coalesce(sum(spend), 0) as spend_amount,
        coalesce(sum(impressions), 0) as impression_count,
        coalesce(sum(clicks), 0) as click_count,
        coalesce(sum(registered), 0) as registered_count,
        coalesce(sum(new_buyers), 0) as new_buyer_count,
        click_count / nullif(impression_count, 0) as click_rate,
        registered_count / nullif(click_count, 0) as conversion_rate,
        1000 * spend_amount / nullif(impression_count, 0) as cost_per_mille_amount,
        spend_amount / nullif(click_count, 0) as cost_per_click_amount,
        spend_amount / nullif(new_buyer_count, 0) as cac_amount,
        spend_amount / nullif(registered_count, 0) as cost_per_registration_amount,
        months.is_complete
    from months
    cross join (
        select channel from channel_facts
        union
        select unnest(['all', 'paid'])
    ) as reported
    left join channel_months
        on
            months.month_start_date = channel_months.month_start_date
            and (
                reported.channel = channel_months.channel
                or reported.channel = 'all'
                or (reported.channel = 'paid' and channel_months.spend > 0)
            )
    group by months.month_start_date, months.is_complete, reported.channel
)

select 'rpt_fast_index' as report, * from fast_report
union all by name
select 'rpt_viral_growth' as report, * from viral_report
union all by name
select 'rpt_referral_generations' as report, * from generation_report
union all by name
select 'rpt_referral_periods' as report, * from referral_report
union all by name
select 'rpt_channel_acquisition' as report, * from channel_report
