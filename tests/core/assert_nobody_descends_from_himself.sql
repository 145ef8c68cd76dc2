-- In a ring of referrals generations have no beginning: whoever walks it never arrives.

with recursive

referrals as (

    select
        referrer_customer_id,
        referee_customer_id

    from {{ ref('fct_referrals') }}

    where is_accepted

),

-- "union" without "all" ends the walk where a ring would begin again.
ancestors as (

    select
        referee_customer_id as customer_id,
        referrer_customer_id as ancestor_customer_id

    from referrals

    union

    select
        ancestors.customer_id,
        referrals.referrer_customer_id as ancestor_customer_id

    from ancestors
    inner join referrals
        on ancestors.ancestor_customer_id = referrals.referee_customer_id

)

select * from ancestors

where customer_id = ancestor_customer_id
