-- Grain: one row per first-order month and horizon; empty months included.
-- Counts of one horizon add up over months; a longer horizon contains the shorter ones.

with

months as (

    select * from {{ ref('int_periods') }}

    where period_grain = 'month'

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

horizons as (

    {% for days in var('repurchase_cohort_days') | unique -%}
    select {{ days }} as horizon_days
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

buyers as (

    select
        customer_id,
        min(order_date) as first_order_date,
        min(case when valid_order_number = 2 then days_since_previous_valid_order end)
            as days_to_second_order

    from orders

    group by 1

),

counted as (

    select
        {{ month_start('buyers.first_order_date') }} as cohort_month,
        horizons.horizon_days,
        count(*) as cohort_customer_count,
        sum(
            case
                when buyers.days_to_second_order <= horizons.horizon_days then 1
                else 0
            end
        ) as repurchased_count

    from buyers
    cross join horizons

    group by 1, 2

),

final as (

    select
        months.period_start_date as cohort_month,
        horizons.horizon_days,
        cast(coalesce(counted.cohort_customer_count, 0) as bigint)
            as cohort_customer_count,
        cast(coalesce(counted.repurchased_count, 0) as bigint) as repurchased_count,
        case
            when {{ is_mature('months.period_start_date', 'horizons.horizon_days') }}
                then {{ ratio(
                    'counted.repurchased_count', 'counted.cohort_customer_count'
                ) }}
        end as repurchase_rate,
        {{ is_mature('months.period_start_date', 'horizons.horizon_days') }}
            as is_mature

    from months
    cross join horizons
    left join counted
        on
            months.period_start_date = counted.cohort_month
            and horizons.horizon_days = counted.horizon_days

)

select * from final
