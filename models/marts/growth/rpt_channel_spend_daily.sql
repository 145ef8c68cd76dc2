-- Grain: one row per date of history and channel of customers or of spend.
-- Spend and new buyers add up over days and channels; costs per customer never do.

with

channel_days as (

    select
        date_day,
        channel,
        spend_amount,
        new_buyer_count,
        {{ acquired_count('new_buyer_count', 'registered_count') }}
            as acquired_count

    from {{ ref('int_channel_days') }}

),

trailing_costs as (

    select
        *,
        {{ cost_per(
            'sum(spend_amount) over last_week', 'sum(acquired_count) over last_week'
        ) }} as trailing_cac_amount

    from channel_days

    window
        last_week as (
            partition by channel
            order by date_day
            range between interval '6 days' preceding and current row
        )

),

-- The last week is left out: a channel that grows dear must not raise its own baseline.
baselines as (

    select
        trailing_costs.date_day,
        trailing_costs.channel,
        case
            when
                count(past_costs.trailing_cac_amount)
                >= {{ var('cac_alert_min_days') }}
                then {{ quantile('past_costs.trailing_cac_amount', 0.5) }}
        end as baseline_cac_amount

    from trailing_costs
    inner join trailing_costs as past_costs
        on
            trailing_costs.channel = past_costs.channel
            and past_costs.date_day
            between {{ add_days('trailing_costs.date_day', -34) }}
            and {{ add_days('trailing_costs.date_day', -7) }}

    group by 1, 2

),

final as (

    select
        trailing_costs.date_day,
        trailing_costs.channel,
        trailing_costs.spend_amount,
        trailing_costs.new_buyer_count,
        {{ cost_per('trailing_costs.spend_amount', 'trailing_costs.acquired_count') }}
            as cac_amount,
        trailing_costs.trailing_cac_amount,
        baselines.baseline_cac_amount

    from trailing_costs
    left join baselines
        on
            trailing_costs.date_day = baselines.date_day
            and trailing_costs.channel = baselines.channel

)

select * from final
