-- Grain: one row per population, period grain, period and channel (and all) with
-- anybody active. Who left is not here: it follows from the period before.
-- Counts add up over channels, never over periods. Amounts are those of buyers.

with

gaps as (

    select * from {{ ref('int_period_gaps') }}

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

stated as (

    select
        *,
        case
            when gap_periods is null then 'new'
            when gap_periods = 1 then 'retained'
            else 'resurrected'
        end as state

    from gaps

),

final as (

    -- Compared with the period just before only: what was spent earlier was lost then.
    select
        stated.population,
        stated.period_grain,
        stated.period_start_date,
        channels.channel,
        sum(stated.customer_count) as active_customer_count,
        {% for state in ['new', 'retained', 'resurrected'] -%}
        sum(
            case when stated.state = '{{ state }}' then stated.customer_count else 0 end
        ) as {{ state }}_customer_count,
        {% endfor -%}
        sum(stated.net_amount) as net_amount,
        {% for state in ['new', 'resurrected'] -%}
        sum(case when stated.state = '{{ state }}' then stated.net_amount else 0 end)
            as {{ state }}_net_amount,
        {% endfor -%}
        sum(case when stated.state = 'retained' then stated.kept_net_amount else 0 end)
            as retained_net_amount,
        sum(
            case
                when stated.state = 'retained'
                    then stated.net_amount - stated.kept_net_amount
                else 0
            end
        ) as expansion_net_amount,
        sum(
            case
                when stated.state = 'retained'
                    then stated.previous_net_amount - stated.kept_net_amount
                else 0
            end
        ) as contraction_net_amount

    from stated
    inner join channels
        on channels.channel = 'all' or channels.channel = stated.channel

    group by 1, 2, 3, 4

)

select * from final
