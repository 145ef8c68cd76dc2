-- Grain: one row per complete period of growth_curve_period: customers registered by
-- its end and active during it.

{%- set period_grain = var('growth_curve_period') %}

with

periods as (

    select * from {{ ref('int_periods') }}

    where period_grain = '{{ period_grain }}' and is_complete

),

registrations as (

    select
        registration_date,
        count(*) as customer_count

    from {{ ref('int_customers') }}

    where registration_date is not null

    group by 1

),

actives as (

    select
        period_start_date,
        count(*) as active_customer_count

    from {{ ref('int_customer_periods') }}

    where period_grain = '{{ period_grain }}' and is_active

    group by 1

),

registered as (

    select
        periods.period_start_date,
        sum(registrations.customer_count) as registered_count

    from periods
    inner join registrations
        on
            periods.period_start_date
            = {{ period_start(period_grain, 'registrations.registration_date') }}

    group by 1

),

final as (

    select
        periods.period_start_date,
        periods.period_index - 1 as period_number,
        cast(
            coalesce(
                sum(registered.registered_count) over (
                    order by periods.period_start_date
                ),
                0
            ) as bigint
        ) as cumulative_customer_count,
        coalesce(actives.active_customer_count, 0) as active_customer_count

    from periods
    left join registered on periods.period_start_date = registered.period_start_date
    left join actives on periods.period_start_date = actives.period_start_date

)

select * from final
