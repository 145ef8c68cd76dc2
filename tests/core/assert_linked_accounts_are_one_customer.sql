-- Accounts that share an identifier have one customer. They have not where a chain of
-- accounts is longer than stg_shop__linked_accounts walks.

select
    identifiers.id_type,
    identifiers.identifier_hash,
    count(distinct accounts.customer_id) as customer_count

from {{ ref('stg_shop__account_identifiers') }} as identifiers
left join {{ ref('stg_shop__accounts') }} as accounts
    on identifiers.user_id = accounts.user_id

where identifiers.account_count <= {{ var('stitch_max_accounts') }}

group by 1, 2

having
    count(distinct accounts.customer_id) <> 1
    or count(*) <> count(accounts.customer_id)
