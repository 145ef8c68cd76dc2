-- Grain: one row per accepted date, channel and campaign.

with

marketing_spend as (

    select * from {{ ref('base_shop__marketing_spend') }}

    where reason_code is null

),

final as (

    select
        spend_date,
        channel,
        campaign,
        spend,
        impressions,
        clicks

    from marketing_spend

)

select * from final
