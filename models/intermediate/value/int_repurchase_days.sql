-- Grain: one row per date and channel (and all).
-- Not additive over dates: who bought in the window counts on every date of it.

with

steps as (

    select * from {{ ref('int_repurchase_steps') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

channels as (

    select 'all' as channel

    union

    select channel from channel_rollup

),

dates as (

    select * from {{ ref('dim_dates') }}

),

steps_by_channel as (

    select
        channel_rollup.channel,
        steps.date_day,
        sum(steps.buyer_step) as buyer_step,
        sum(steps.repeat_buyer_step) as repeat_buyer_step

    from steps
    inner join channel_rollup
        on steps.customer_channel = channel_rollup.customer_channel

    group by 1, 2

),

final as (

    select
        dates.date_day,
        channels.channel,
        sum(coalesce(steps_by_channel.buyer_step, 0)) over history
            as window_buyer_count,
        sum(coalesce(steps_by_channel.repeat_buyer_step, 0)) over history
            as window_repeat_buyer_count

    from dates
    cross join channels
    left join steps_by_channel
        on
            dates.date_day = steps_by_channel.date_day
            and channels.channel = steps_by_channel.channel

    -- The spine is dense, so a frame in rows is a frame in days.
    window
        history as (
            partition by channels.channel
            order by dates.date_day
            rows between unbounded preceding and current row
        )

)

select * from final
