-- In a ring of referrals nobody is first: the walk down from those whom no one referred
-- never arrives there. That a referee has one referrer is tested on its own.

with recursive

referrals as (

    select
        referee_customer_id,
        min(referrer_customer_id) as referrer_customer_id

    from {{ ref('fct_referrals') }}

    where is_accepted

    group by 1

),

descendants as (

    select referrals.referee_customer_id as customer_id

    from referrals
    left join referrals as received
        on referrals.referrer_customer_id = received.referee_customer_id

    where received.referee_customer_id is null

    union all

    select referrals.referee_customer_id as customer_id

    from descendants
    inner join referrals on descendants.customer_id = referrals.referrer_customer_id

)

select referrals.referee_customer_id

from referrals
left join descendants on referrals.referee_customer_id = descendants.customer_id

where descendants.customer_id is null
