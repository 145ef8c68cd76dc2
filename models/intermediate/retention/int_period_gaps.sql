-- Grain: one row per population (active, buyers), period grain, period, channel and
-- number of periods since a customer's period before, 30 standing for 30 or more, null
-- for the first one.
-- Customers and amounts add up over gaps and channels, never over periods.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['period_start_date >= periods_from'],
    post_hook='{{ sign() }}',
) }}

with

gaps as (

    select * from {{ ref('int_customer_period_gaps') }}

),

customers as (

    select * from {{ ref('int_customers') }}

),

final as (

    select
        gaps.population,
        gaps.period_grain,
        gaps.period_start_date,
        customers.channel,
        case when gaps.gap_periods >= 30 then 30 else gaps.gap_periods end
            as gap_periods,
        count(*) as customer_count,
        sum(gaps.net_amount) as net_amount,
        sum(gaps.previous_net_amount) as previous_net_amount,
        sum(
            case
                when gaps.net_amount < gaps.previous_net_amount then gaps.net_amount
                else gaps.previous_net_amount
            end
        ) as kept_net_amount

    from gaps
    inner join customers on gaps.customer_key = customers.customer_key

    group by 1, 2, 3, 4, 5

)

select * from final
