-- Grain: one row per accepted entry of points up to the as-of date.

with

points_ledger as (

    select * from {{ ref('base_shop__points_ledger') }}

    where
        reason_code is null
        and entry_date <= {{ as_of_date() }}

),

final as (

    select
        entry_id,
        customer_id,
        entry_at,
        entry_date,
        entry_type,
        points,
        reason

    from points_ledger

)

select * from final
