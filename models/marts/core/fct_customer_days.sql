-- Grain: one row per customer and date on which the customer did anything.
-- Counts add up over any dates; days with a behaviour have to be counted, not summed.

with

customers as (

    select * from {{ ref('int_customers') }}

),

login_days as (

    select
        customer_id,
        login_date as activity_date,
        count(*) as login_count,
        max(login_at) as last_login_at

    from {{ ref('stg_shop__logins') }}

    where login_date <= {{ as_of_date() }}

    group by 1, 2

),

order_days as (

    select
        customer_id,
        order_date as activity_date,
        count(*) as valid_order_count,
        sum(net_amount) as net_amount

    from {{ ref('int_orders_valued') }}

    where is_valid

    group by 1, 2

),

behaviour_days as (

    select * from {{ ref('int_behaviour_days_widened') }}

),

joined as (

    -- Full joins: a login, an order or an event alone makes the day.
    select
        customer_id,
        activity_date,
        cast(coalesce(login_days.login_count, 0) as bigint) as login_count,
        login_days.last_login_at,
        cast(coalesce(order_days.valid_order_count, 0) as bigint) as valid_order_count,
        cast(coalesce(order_days.net_amount, 0) as decimal(18, 2)) as net_amount,
        cast(coalesce(behaviour_days.impression_count, 0) as bigint)
            as impression_count,
        cast(coalesce(behaviour_days.click_count, 0) as bigint) as click_count,
        cast(coalesce(behaviour_days.view_count, 0) as bigint) as view_count,
        cast(coalesce(behaviour_days.search_count, 0) as bigint) as search_count,
        cast(coalesce(behaviour_days.compare_count, 0) as bigint) as compare_count,
        cast(coalesce(behaviour_days.favourite_count, 0) as bigint) as favourite_count,
        cast(coalesce(behaviour_days.cart_count, 0) as bigint) as cart_count,
        cast(coalesce(behaviour_days.checkout_count, 0) as bigint) as checkout_count,
        cast(coalesce(behaviour_days.follow_count, 0) as bigint) as follow_count,
        cast(coalesce(behaviour_days.like_count, 0) as bigint) as like_count,
        cast(coalesce(behaviour_days.share_count, 0) as bigint) as share_count,
        cast(coalesce(behaviour_days.comment_count, 0) as bigint) as comment_count,
        cast(coalesce(behaviour_days.review_count, 0) as bigint) as review_count,
        cast(coalesce(behaviour_days.claim_count, 0) as bigint) as claim_count,
        cast(coalesce(behaviour_days.enquiry_count, 0) as bigint) as enquiry_count,
        cast(coalesce(behaviour_days.support_count, 0) as bigint) as support_count,
        cast(coalesce(behaviour_days.complaint_count, 0) as bigint) as complaint_count,
        cast(coalesce(behaviour_days.publish_count, 0) as bigint) as publish_count,
        cast(coalesce(behaviour_days.check_in_count, 0) as bigint) as check_in_count,
        cast(coalesce(behaviour_days.lottery_count, 0) as bigint) as lottery_count,
        cast(coalesce(behaviour_days.game_count, 0) as bigint) as game_count,
        cast(coalesce(behaviour_days.redeem_count, 0) as bigint) as redeem_count,
        cast(coalesce(behaviour_days.trial_start_count, 0) as bigint)
            as trial_start_count,
        cast(coalesce(behaviour_days.use_count, 0) as bigint) as use_count,
        cast(coalesce(behaviour_days.registration_count, 0) as bigint)
            as registration_count,
        cast(coalesce(behaviour_days.membership_count, 0) as bigint)
            as membership_count,
        cast(coalesce(behaviour_days.invite_sent_count, 0) as bigint)
            as invite_sent_count,
        cast(coalesce(behaviour_days.referral_accepted_count, 0) as bigint)
            as referral_accepted_count,
        cast(coalesce(behaviour_days.rated_count, 0) as bigint) as rated_count,
        cast(coalesce(behaviour_days.buyer_share_count, 0) as bigint)
            as buyer_share_count,
        cast(coalesce(behaviour_days.buyer_referral_count, 0) as bigint)
            as buyer_referral_count,
        cast(coalesce(behaviour_days.buyer_positive_review_count, 0) as bigint)
            as buyer_positive_review_count,
        cast(coalesce(behaviour_days.event_count, 0) as bigint) as event_count

    from login_days
    full outer join order_days using (customer_id, activity_date)
    full outer join behaviour_days using (customer_id, activity_date)

),

final as (

    select
        joined.customer_id,
        joined.activity_date,
        joined.activity_date >= customers.entry_date
        and ({{ is_active_by('activity_types') }}) as is_activity_day,
        joined.activity_date >= customers.entry_date
        and ({{ is_active_by('churn_activity') }}) as is_churn_activity_day,
        joined.login_count,
        joined.last_login_at,
        joined.valid_order_count,
        joined.net_amount,
        joined.event_count,
        joined.impression_count
        + joined.click_count
        + joined.view_count
        + joined.login_count as exposure_count,
        joined.view_count + joined.login_count as browse_count,
        joined.impression_count,
        joined.click_count,
        joined.view_count,
        joined.search_count,
        joined.compare_count,
        joined.favourite_count,
        joined.cart_count,
        joined.checkout_count,
        joined.follow_count,
        joined.like_count,
        joined.share_count,
        joined.comment_count,
        joined.review_count,
        joined.claim_count,
        joined.enquiry_count,
        joined.support_count,
        joined.complaint_count,
        joined.publish_count,
        joined.check_in_count,
        joined.lottery_count,
        joined.game_count,
        joined.redeem_count,
        joined.trial_start_count,
        joined.use_count,
        joined.registration_count,
        joined.membership_count,
        joined.invite_sent_count,
        joined.referral_accepted_count,
        joined.rated_count,
        joined.buyer_share_count,
        joined.buyer_referral_count,
        joined.buyer_positive_review_count

    from joined
    inner join customers on joined.customer_id = customers.customer_id

)

select * from final
