-- A referral lost on the walk, or walked twice, makes the deep generations too small or
-- too large: referred customers are those in generation 1 and below, all others in 0.

with

generations as (

    select
        sum(customer_count) as customer_count,
        sum(case when generation > 0 then customer_count else 0 end) as referred_count

    from {{ ref('rpt_referral_generations') }}

),

customers as (

    select
        count(*) as customer_count,
        count(referrals.referee_customer_id) as referred_count,
        count(distinct referrals.referee_customer_id) as distinct_referred_count

    from {{ ref('int_customers') }} as customers
    left join {{ ref('fct_referrals') }} as referrals
        on
            customers.customer_id = referrals.referee_customer_id
            and referrals.is_accepted

)

select
    generations.customer_count,
    customers.customer_count as expected_customer_count,
    generations.referred_count,
    customers.referred_count as expected_referred_count

from generations
cross join customers

where
    coalesce(generations.customer_count, 0) <> customers.customer_count
    or coalesce(generations.referred_count, 0) <> customers.referred_count
    -- One referrer per referee.
    or customers.referred_count <> customers.distinct_referred_count
