-- Grain: one row per accepted row of referrals, pending invitations included.

with

referrals as (

    select * from {{ ref('base_shop__referrals') }}

    where reason_code is null

),

final as (

    select
        referral_id,
        referrer_customer_id,
        referee_customer_id,
        invited_at,
        invited_date,
        accepted_at,
        accepted_date

    from referrals

)

select * from final
