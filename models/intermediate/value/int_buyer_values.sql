-- Grain: one row per channel (and all): what a buyer earns in a month and how many buy
-- again in the next, over the last twelve complete months or those there are.

with

buyer_months as (

    select * from {{ ref('int_buyer_months') }}

),

compared as (

    -- Before history nobody bought: its first month has no buyers to retain.
    select
        *,
        coalesce(lag(buyer_count) over channel_history, 0) as previous_buyer_count,
        sum(case when is_complete then 1 else 0 end) over later_months
            as complete_month_rank

    from buyer_months

    window
        channel_history as (
            partition by channel
            order by month_start_date
        ),
        later_months as (
            partition by channel
            order by month_start_date desc
        )

),

final as (

    select
        channel,
        {{ ratio('sum(retained_buyer_count)', 'sum(previous_buyer_count)') }}
            as buyer_retention_rate,
        {{ ratio('sum(margin_amount)', 'sum(buyer_count)') }} as monthly_margin_amount

    from compared

    where is_complete and complete_month_rank <= 12

    group by 1

)

select * from final
