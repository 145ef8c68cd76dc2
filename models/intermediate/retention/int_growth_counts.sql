-- Grain: one row per population (active, buyers), period grain (day, week, month),
-- channel (and all) and period; a silent period is a row of zeros.
-- Counts add up over channels without all, never over periods, grains or populations.

with

periods as (

    select * from {{ ref('int_periods') }}

    where period_grain <> 'quarter'

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

accounting as (

    select * from {{ ref('int_growth_accounting') }}

),

populations as (

    select 'active' as population
    union all
    select 'buyers' as population

),

final as (

    select
        populations.population,
        periods.period_grain,
        channels.channel,
        periods.period_start_date,
        periods.is_complete,
        cast(coalesce(accounting.active_customer_count, 0) as bigint)
            as active_customer_count,
        cast(coalesce(accounting.new_customer_count, 0) as bigint)
            as new_customer_count,
        cast(coalesce(accounting.retained_customer_count, 0) as bigint)
            as retained_customer_count,
        cast(coalesce(accounting.resurrected_customer_count, 0) as bigint)
            as resurrected_customer_count,
        coalesce(accounting.net_amount, 0) as net_amount,
        coalesce(accounting.new_net_amount, 0) as new_net_amount,
        coalesce(accounting.resurrected_net_amount, 0) as resurrected_net_amount,
        coalesce(accounting.retained_net_amount, 0) as retained_net_amount,
        coalesce(accounting.expansion_net_amount, 0) as expansion_net_amount,
        coalesce(accounting.contraction_net_amount, 0) as contraction_net_amount

    from periods
    cross join populations
    cross join channels
    left join accounting
        on
            populations.population = accounting.population
            and periods.period_grain = accounting.period_grain
            and channels.channel = accounting.channel
            and periods.period_start_date = accounting.period_start_date

)

select * from final
