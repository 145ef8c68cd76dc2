-- Grain: one row per population, period grain, period and channel (and all) with anybody
-- active. Who left is not here: it follows from the period before.
-- Counts add up over channels, never over periods.

with

states as (

    select * from {{ ref('int_customer_period_states') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

moves as (

    select
        states.population,
        states.period_grain,
        states.period_start_date,
        customers.channel,
        states.state,
        states.net_amount,
        case when states.state = 'retained' then states.previous_net_amount end
            as kept_from_amount

    from states
    inner join customers on states.customer_id = customers.customer_id

),

counted as (

    select
        population,
        period_grain,
        period_start_date,
        channel,
        count(*) as active_customer_count,
        sum(case when state = 'new' then 1 else 0 end) as new_customer_count,
        sum(case when state = 'retained' then 1 else 0 end) as retained_customer_count,
        sum(case when state = 'resurrected' then 1 else 0 end)
            as resurrected_customer_count,
        sum(net_amount) as net_amount,
        sum(case when state = 'new' then net_amount else 0 end) as new_net_amount,
        sum(case when state = 'resurrected' then net_amount else 0 end)
            as resurrected_net_amount,
        sum(
            case
                when net_amount < kept_from_amount then net_amount
                else coalesce(kept_from_amount, 0)
            end
        ) as retained_net_amount,
        sum(
            case
                when net_amount > kept_from_amount then net_amount - kept_from_amount
                else 0
            end
        ) as expansion_net_amount,
        sum(
            case
                when net_amount < kept_from_amount then kept_from_amount - net_amount
                else 0
            end
        ) as contraction_net_amount

    from moves

    group by 1, 2, 3, 4

),

final as (

    select
        counted.population,
        counted.period_grain,
        counted.period_start_date,
        channels.channel,
        sum(counted.active_customer_count) as active_customer_count,
        sum(counted.new_customer_count) as new_customer_count,
        sum(counted.retained_customer_count) as retained_customer_count,
        sum(counted.resurrected_customer_count) as resurrected_customer_count,
        sum(counted.net_amount) as net_amount,
        sum(counted.new_net_amount) as new_net_amount,
        sum(counted.resurrected_net_amount) as resurrected_net_amount,
        sum(counted.retained_net_amount) as retained_net_amount,
        sum(counted.expansion_net_amount) as expansion_net_amount,
        sum(counted.contraction_net_amount) as contraction_net_amount

    from counted
    inner join channels
        on channels.channel = 'all' or channels.channel = counted.channel

    group by 1, 2, 3, 4

)

select * from final
