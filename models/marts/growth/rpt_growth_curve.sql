-- Grain: one row per complete period (growth_curve_period), from the first of history.
-- One curve through all of them: yesterday's stages change with tomorrow's customers.

with

sizes as (

    select * from {{ ref('int_registered_sizes') }}

),

fits as (

    select * from {{ ref('int_growth_curve_fits') }}

),

compared as (

    select
        *,
        case
            when
                active_customer_count
                < lag(active_customer_count) over (order by period_start_date)
                then 1
            else 0
        end as is_falling

    from sizes

),

declining as (

    select
        *,
        sum(is_falling) over (
            order by period_start_date
            rows between {{ var('decline_periods') - 1 }} preceding and current row
        ) = {{ var('decline_periods') }} as is_declining

    from compared

),

measured as (

    select
        declining.period_start_date,
        declining.cumulative_customer_count,
        declining.is_declining,
        fits.is_identified,
        case
            when fits.is_identified
                then {{ growth_curve('fits', 'declining.period_number') }}
        end as fitted_customer_count,
        case
            when fits.is_identified
                then {{ ratio('declining.cumulative_customer_count', 'fits.l') }}
        end as capacity_share,
        coalesce(
            fits.is_identified
            and declining.period_number >= fits.critical_point
            and (
                declining.period_number - 1 < fits.critical_point
                or declining.period_number = 0
            ),
            false
        ) as is_critical_point

    from declining
    cross join fits

),

final as (

    select
        period_start_date,
        cumulative_customer_count,
        fitted_customer_count,
        capacity_share,
        {{ growth_stage() }} as growth_stage,
        is_identified,
        is_critical_point

    from measured

)

select * from final
