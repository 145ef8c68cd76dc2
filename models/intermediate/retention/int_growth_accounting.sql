-- Grain: one row per population, period grain, period and channel (and all) with
-- anybody active. Who left is not here: it follows from the period before.
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

counted as (

    select
        states.population,
        states.period_grain,
        states.period_start_date,
        customers.channel,
        count(*) as active_customer_count,
        sum(case when states.state = 'new' then 1 else 0 end) as new_customer_count,
        sum(case when states.state = 'retained' then 1 else 0 end)
            as retained_customer_count,
        sum(case when states.state = 'resurrected' then 1 else 0 end)
            as resurrected_customer_count,
        sum(states.net_amount) as net_amount,
        sum(case when states.state = 'new' then states.net_amount else 0 end)
            as new_net_amount,
        sum(case when states.state = 'resurrected' then states.net_amount else 0 end)
            as resurrected_net_amount,
        sum(states.kept_net_amount) as retained_net_amount,
        sum(states.added_net_amount) as expansion_net_amount,
        sum(states.dropped_net_amount) as contraction_net_amount

    from states
    inner join customers on states.customer_key = customers.customer_key

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
