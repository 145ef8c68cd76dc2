-- Grain: one row per customer and date with any behaviour but logins and orders, the
-- behaviours side by side.

with

behaviour_days as (

    select * from {{ ref('int_customer_behaviour_days') }}

),

final as (

    select
        customer_id,
        activity_date,
        sum(case when behaviour = 'impression' then occurrence_count else 0 end)
            as impression_count,
        sum(case when behaviour = 'click' then occurrence_count else 0 end)
            as click_count,
        sum(case when behaviour = 'view' then occurrence_count else 0 end)
            as view_count,
        sum(case when behaviour = 'search' then occurrence_count else 0 end)
            as search_count,
        sum(case when behaviour = 'compare' then occurrence_count else 0 end)
            as compare_count,
        sum(case when behaviour = 'favourite' then occurrence_count else 0 end)
            as favourite_count,
        sum(case when behaviour = 'cart' then occurrence_count else 0 end)
            as cart_count,
        sum(case when behaviour = 'checkout' then occurrence_count else 0 end)
            as checkout_count,
        sum(case when behaviour = 'follow' then occurrence_count else 0 end)
            as follow_count,
        sum(case when behaviour = 'like' then occurrence_count else 0 end)
            as like_count,
        sum(case when behaviour = 'share' then occurrence_count else 0 end)
            as share_count,
        sum(case when behaviour = 'comment' then occurrence_count else 0 end)
            as comment_count,
        sum(case when behaviour = 'review' then occurrence_count else 0 end)
            as review_count,
        sum(case when behaviour = 'claim' then occurrence_count else 0 end)
            as claim_count,
        sum(case when behaviour = 'enquiry' then occurrence_count else 0 end)
            as enquiry_count,
        sum(case when behaviour = 'support' then occurrence_count else 0 end)
            as support_count,
        sum(case when behaviour = 'complaint' then occurrence_count else 0 end)
            as complaint_count,
        sum(case when behaviour = 'publish' then occurrence_count else 0 end)
            as publish_count,
        sum(case when behaviour = 'check_in' then occurrence_count else 0 end)
            as check_in_count,
        sum(case when behaviour = 'lottery' then occurrence_count else 0 end)
            as lottery_count,
        sum(case when behaviour = 'game' then occurrence_count else 0 end)
            as game_count,
        sum(case when behaviour = 'redeem' then occurrence_count else 0 end)
            as redeem_count,
        sum(case when behaviour = 'trial_start' then occurrence_count else 0 end)
            as trial_start_count,
        sum(case when behaviour = 'use' then occurrence_count else 0 end)
            as use_count,
        sum(case when behaviour = 'registration' then occurrence_count else 0 end)
            as registration_count,
        sum(case when behaviour = 'membership' then occurrence_count else 0 end)
            as membership_count,
        sum(case when behaviour = 'invite_sent' then occurrence_count else 0 end)
            as invite_sent_count,
        sum(case when behaviour = 'referral_accepted' then occurrence_count else 0 end)
            as referral_accepted_count,
        sum(case when behaviour = 'rated' then occurrence_count else 0 end)
            as rated_count,
        sum(case when behaviour = 'buyer_share' then occurrence_count else 0 end)
            as buyer_share_count,
        sum(case when behaviour = 'buyer_referral' then occurrence_count else 0 end)
            as buyer_referral_count,
        sum(
            case
                when behaviour = 'buyer_positive_review' then occurrence_count
                else 0
            end
        )
            as buyer_positive_review_count,
        sum(case when is_event then occurrence_count else 0 end) as event_count

    from behaviour_days

    group by 1, 2

)

select * from final
