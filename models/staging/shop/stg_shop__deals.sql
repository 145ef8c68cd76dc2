-- Grain: one row per accepted entry of a deal into a stage up to the as-of date.

with

deals as (

    select * from {{ ref('base_shop__deals') }}

    where
        reason_code is null
        and entered_date <= {{ as_of_date() }}

),

final as (

    select
        deal_id,
        stage_code,
        entered_at,
        entered_date,
        amount,
        customer_id,
        account_name,
        owner

    from deals

)

select * from final
