-- Grain: one row per accepted row of referrals, pending invitations included.
-- An acceptance after the as-of date has not happened yet: the invitation is pending.

with

referrals as (

    select * from {{ ref('stg_shop__referrals') }}

    where invited_date <= {{ as_of_date() }}

),

final as (

    select
        referral_id,
        referrer_customer_id,
        referee_customer_id,
        invited_at,
        invited_date,
        case when accepted_date <= {{ as_of_date() }} then accepted_at end
            as accepted_at,
        case when accepted_date <= {{ as_of_date() }} then accepted_date end
            as accepted_date,
        coalesce(accepted_date <= {{ as_of_date() }}, false) as is_accepted

    from referrals

)

select * from final
