-- Grain: one row per accepted promotion.
-- A calendar: promotions after the as-of date are planned, and stay.

with

promotions as (

    select * from {{ ref('base_shop__promotions') }}

    where reason_code is null

),

final as (

    select
        promotion_id,
        promotion_type,
        starts_at,
        start_date,
        ends_at,
        end_date,
        threshold_amount,
        value_amount,
        discount_rate,
        min_group_size,
        trial_days,
        experiment_id

    from promotions

)

select * from final
