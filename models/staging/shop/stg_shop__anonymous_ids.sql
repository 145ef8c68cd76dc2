-- Grain: one row per anonymous id that was linked to an account.
-- It belongs to the account linked earliest, with all it did before.

with

identities as (

    select
        user_id,
        id_value,

        -- user_id breaks the tie of two accounts linked in one instant.
        row_number() over (
            partition by id_value
            order by linked_at, user_id
        ) as link_number

    from {{ ref('stg_shop__identities') }}

    where id_type = 'anonymous'

),

final as (

    select
        identities.id_value as anonymous_id,
        accounts.customer_id

    from identities
    inner join {{ ref('stg_shop__accounts') }} as accounts
        on identities.user_id = accounts.user_id

    where identities.link_number = 1

)

select * from final
