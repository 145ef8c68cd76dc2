-- Grain: one row per channel (and all): what a buyer earns in a month and how many buy
-- again in the next, over the last twelve complete months or those there are.

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

channels as (

    select 'all' as channel

    union

    select channel from channel_rollup

),

buyer_months as (

    select * from {{ ref('int_buyer_months') }}

),

compared as (

    -- Before history nobody bought: its first month has no buyers to retain.
    select
        channels.channel,
        coalesce(buyer_months.buyer_count, 0) as buyer_count,
        coalesce(buyer_months.retained_buyer_count, 0) as retained_buyer_count,
        coalesce(buyer_months.margin_amount, 0) as margin_amount,
        coalesce(lag(buyer_months.buyer_count) over channel_history, 0)
            as previous_buyer_count,
        months.is_complete
        and sum(case when months.is_complete then 1 else 0 end) over later_months <= 12
            as is_counted

    from months
    cross join channels
    left join buyer_months
        on
            months.period_start_date = buyer_months.month_start_date
            and channels.channel = buyer_months.channel

    window
        channel_history as (
            partition by channels.channel
            order by months.period_start_date
        ),
        later_months as (
            partition by channels.channel
            order by months.period_start_date desc
        )

),

final as (

    select
        channel,
        {{ ratio(
            'sum(case when is_counted then retained_buyer_count end)',
            'sum(case when is_counted then previous_buyer_count end)'
        ) }} as buyer_retention_rate,
        {{ ratio(
            'sum(case when is_counted then margin_amount end)',
            'sum(case when is_counted then buyer_count end)'
        ) }} as monthly_margin_amount

    from compared

    group by 1

)

select * from final
