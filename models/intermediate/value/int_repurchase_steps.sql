-- Grain: one row per date and customer channel on which customers enter or leave the
-- buyers, or the repeat buyers, of the repurchase window.

with

spans as (

    select * from {{ ref('int_repurchase_spans') }}

),

steps as (

    select
        customer_channel,
        order_date as date_day,
        1 as buyer_step,
        case when repeat_buyer_until > order_date then 1 else 0 end
            as repeat_buyer_step

    from spans

    union all

    select
        customer_channel,
        buyer_until as date_day,
        -1 as buyer_step,
        0 as repeat_buyer_step

    from spans

    union all

    select
        customer_channel,
        repeat_buyer_until as date_day,
        0 as buyer_step,
        -1 as repeat_buyer_step

    from spans

    where repeat_buyer_until > order_date

),

final as (

    select
        customer_channel,
        date_day,
        sum(buyer_step) as buyer_step,
        sum(repeat_buyer_step) as repeat_buyer_step

    from steps

    group by 1, 2

)

select * from final
