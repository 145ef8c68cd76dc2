-- Grain: one row per identifier that too many accounts share to be one person's.
-- It joins nobody. A desk phone, a shop's own address, a test account's: whoever knows
-- the accounts can tell.

with

identifiers as (

    select * from {{ ref('stg_shop__account_identifiers') }}

    where account_count > {{ var('stitch_max_accounts') }}

),

final as (

    select
        id_type,
        identifier_hash,
        count(*) as account_count,
        min(user_id) as first_user_id,
        max(user_id) as last_user_id

    from identifiers

    group by 1, 2

)

select * from final
