-- Grain: one row per customer, behaviour and date, for every behaviour but logins and
-- orders, which are days of their own.

with

customers as (

    select * from {{ ref('int_customers') }}

),

first_orders as (

    select
        customer_id,
        ordered_at as first_ordered_at

    from {{ ref('fct_orders') }}

    where is_first_valid_order

),

referrals as (

    select * from {{ ref('fct_referrals') }}

),

events as (

    select
        events.customer_id,
        events.event_name,
        events.event_date,
        events.event_value,
        case when events.event_name = 'review' then events.rating end as rating,
        coalesce(first_orders.first_ordered_at <= events.event_at, false) as by_buyer

    from {{ ref('stg_shop__events') }} as events
    left join first_orders on events.customer_id = first_orders.customer_id

    where
        events.customer_id is not null
        and events.event_date <= {{ as_of_date() }}

),

-- Reviews in the shop and answers to a survey: what customers think of it.
ratings as (

    select
        customer_id,
        event_date as activity_date,
        rating as score,
        by_buyer

    from events

    where rating is not null

    union all

    select
        responses.customer_id,
        responses.responded_date as activity_date,
        responses.score,
        coalesce(first_orders.first_ordered_at <= responses.responded_at, false)
            as by_buyer

    from {{ ref('stg_shop__survey_responses') }} as responses
    left join first_orders on responses.customer_id = first_orders.customer_id

    where
        responses.survey_type = 'rating'
        and responses.customer_id is not null

),

occurrences as (

    select
        customer_id,

        -- An event called "order" is no order: names read from other inputs are taken.
        case
            when event_name in (
                'login', 'order', 'registration', 'membership', 'invite_sent',
                'referral_accepted', 'rated', 'exposure', 'browse', 'buyer_share',
                'buyer_referral', 'buyer_positive_review', 'churn_activity'
            ) then concat('event:', event_name)
            else event_name
        end as behaviour,
        event_date as activity_date,
        event_value as amount,
        true as is_event

    from events

    union all

    select
        customer_id,
        'rated' as behaviour,
        activity_date,
        score as amount,
        false as is_event

    from ratings

    union all

    select
        customer_id,
        'buyer_positive_review' as behaviour,
        activity_date,
        score as amount,
        false as is_event

    from ratings

    where score >= {{ var('positive_rating_min') }} and by_buyer

    union all

    select
        customer_id,
        'buyer_share' as behaviour,
        event_date as activity_date,
        null as amount,
        false as is_event

    from events

    where event_name = 'share' and by_buyer

    union all

    select
        referrer_customer_id as customer_id,
        'invite_sent' as behaviour,
        invited_date as activity_date,
        null as amount,
        false as is_event

    from referrals

    union all

    select
        referrer_customer_id as customer_id,
        'referral_accepted' as behaviour,
        accepted_date as activity_date,
        null as amount,
        false as is_event

    from referrals

    where is_accepted

    union all

    select
        referrals.referrer_customer_id as customer_id,
        'buyer_referral' as behaviour,
        referrals.accepted_date as activity_date,
        null as amount,
        false as is_event

    from referrals
    inner join first_orders
        on
            referrals.referrer_customer_id = first_orders.customer_id
            and referrals.accepted_at >= first_orders.first_ordered_at

    union all

    select
        customer_id,
        'registration' as behaviour,
        registration_date as activity_date,
        null as amount,
        false as is_event

    from customers

    where registration_date is not null

    union all

    select
        customer_id,
        'membership' as behaviour,
        member_since as activity_date,
        null as amount,
        false as is_event

    from customers

    where member_since is not null

),

final as (

    select
        customers.customer_key,
        occurrences.behaviour,
        occurrences.activity_date,
        occurrences.is_event,
        count(*) as occurrence_count,
        cast(coalesce(sum(occurrences.amount), 0) as decimal(38, 6)) as amount

    from occurrences
    inner join customers on occurrences.customer_id = customers.customer_id

    group by 1, 2, 3, 4

)

select * from final
