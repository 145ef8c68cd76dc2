-- Grain: one row per accepted identity linked up to the as-of date.

with

identities as (

    select * from {{ ref('base_shop__identities') }}

    where
        reason_code is null
        and linked_date <= {{ as_of_date() }}

),

final as (

    select
        user_id,
        id_type,
        id_value,
        linked_at,
        linked_date,
        is_verified

    from identities

)

select * from final
