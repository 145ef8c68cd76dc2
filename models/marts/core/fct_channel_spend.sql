-- Grain: one row per date, channel and campaign with spend up to the as-of date.

with

marketing_spend as (

    select * from {{ ref('stg_shop__marketing_spend') }}

    where spend_date <= {{ as_of_date() }}

),

final as (

    select
        spend_date,
        channel,
        campaign,
        spend as spend_amount,
        impressions as impression_count,
        clicks as click_count

    from marketing_spend

)

select * from final
