-- Grain: one row per period grain (day, week, month), population (active, buyers),
-- channel (and all) and period; a silent period is a row of zeros.
-- Counts and amounts add up over channels without all; over periods only new customers
-- and their amounts do, rates never.

with

counts as (

    select * from {{ ref('int_growth_counts') }}

),

followed as (

    -- The spine has every period, so the row before is the period before; before the
    -- first of history nobody was active.
    select
        *,
        population = 'buyers' as has_money,
        lag(active_customer_count, 1, 0) over channel_history
            as previous_customer_count,
        lag(net_amount, 1, 0) over channel_history as previous_net_amount

    from counts

    window
        channel_history as (
            partition by population, period_grain, channel
            order by period_start_date
        )

),

-- Who was there in the period before and is not retained has left: nobody has to be
-- looked for. Until the period is over they may still come.
churned as (

    select
        *,
        case
            when is_complete then previous_customer_count - retained_customer_count
        end as churned_customer_count,
        case when is_complete and has_money then contraction_net_amount end
            as lowered_net_amount,
        case
            when is_complete and has_money
                then previous_net_amount - retained_net_amount - contraction_net_amount
        end as churned_net_amount

    from followed

),

final as (

    select
        period_grain,
        period_start_date,
        population,
        channel,
        active_customer_count,
        new_customer_count,
        retained_customer_count,
        resurrected_customer_count,
        churned_customer_count,
        cast(case when has_money then new_net_amount end as decimal(18, 2))
            as new_net_amount,
        cast(case when has_money then retained_net_amount end as decimal(18, 2))
            as retained_net_amount,
        cast(case when has_money then resurrected_net_amount end as decimal(18, 2))
            as resurrected_net_amount,
        cast(case when has_money then expansion_net_amount end as decimal(18, 2))
            as expansion_net_amount,
        cast(lowered_net_amount as decimal(18, 2)) as contraction_net_amount,
        cast(churned_net_amount as decimal(18, 2)) as churned_net_amount,
        {{ ratio(
            'new_customer_count + resurrected_customer_count', 'churned_customer_count'
        ) }} as quick_ratio,

        -- Null for active customers and open periods, because what was lost is.
        {{ ratio(
            'new_net_amount + resurrected_net_amount + expansion_net_amount',
            'churned_net_amount + lowered_net_amount'
        ) }} as net_quick_ratio,
        {{ ratio('churned_customer_count', 'previous_customer_count') }}
            as flow_churn_rate,
        is_complete

    from churned

)

select * from final
