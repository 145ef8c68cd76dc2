-- Grain: one row per customer: how many referrals lead from someone nobody referred.
-- Accepted referrals form a forest: one referrer per referee and no cycle, which
-- staging sees to, so the walk down ends.

with recursive

customers as (

    select customer_id from {{ ref('int_customers') }}

),

-- An acceptance can come before the registration; who does not exist yet has no place.
referrals as (

    select
        referrals.referrer_customer_id,
        referrals.referee_customer_id

    from {{ ref('fct_referrals') }} as referrals
    inner join customers on referrals.referee_customer_id = customers.customer_id

    where referrals.is_accepted

),

generations as (

    select
        customers.customer_id,
        0 as generation

    from customers
    left join referrals on customers.customer_id = referrals.referee_customer_id

    where referrals.referee_customer_id is null

    union all

    select
        referrals.referee_customer_id as customer_id,
        generations.generation + 1 as generation

    from generations
    inner join referrals
        on generations.customer_id = referrals.referrer_customer_id

),

final as (

    select
        customer_id,
        generation

    from generations

)

select * from final
