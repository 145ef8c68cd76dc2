-- Two rewards for one new customer, and a K-factor too large.

select
    referee_customer_id,
    count(*) as referrer_count

from {{ ref('fct_referrals') }}

where is_accepted

group by 1

having count(*) > 1
