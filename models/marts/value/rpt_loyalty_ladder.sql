-- Grain: one row per rung of the whole ladder, and per first-order month and rung.
-- Whoever stands on a rung is on all those below: never sum over rungs.

{%- set window_days = var('ladder_window_days') %}

with

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

rungs as (

    {% for rung in range(1, var('ladder_max_rung') + 1) -%}
    select {{ rung }} as order_number
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

steps as (

    select
        customer_id,
        valid_order_number as order_number,
        order_date,
        {{ month_start(
            'min(order_date) over (partition by customer_id)'
        ) }} as cohort_month,
        {{ days_between(
            'order_date',
            'lead(order_date) over (partition by customer_id '
            ~ 'order by valid_order_number)'
        ) }} as days_to_climb

    from orders

),

-- By month each customer has the same days to climb; who has not had them yet is left
-- out, one by one.
measured as (

    select
        'all' as cohort_scope,
        cast(null as date) as cohort_month,
        order_number,
        days_to_climb

    from steps

    union all

    select
        'month' as cohort_scope,
        cohort_month,
        order_number,
        case when days_to_climb <= {{ window_days }} then days_to_climb end
            as days_to_climb

    from steps

    where {{ add_days('order_date', window_days) }} <= {{ as_of_date() }}

),

ladders as (

    select distinct
        'month' as cohort_scope,
        cohort_month

    from steps

    union all

    select distinct
        'all' as cohort_scope,
        cast(null as date) as cohort_month

    from {{ ref('int_customers') }}

),

counted as (

    select
        cohort_scope,
        cohort_month,
        order_number,
        count(*) as reached_count,
        count(days_to_climb) as climbed_count,
        {{ quantile('days_to_climb', 0.5) }} as median_days_to_climb

    from measured

    where order_number <= {{ var('ladder_max_rung') }}

    group by 1, 2, 3

),

final as (

    select
        ladders.cohort_scope,
        ladders.cohort_month,
        rungs.order_number,
        coalesce(counted.reached_count, 0) as reached_count,
        coalesce(counted.climbed_count, 0) as climbed_count,
        {{ ratio('counted.climbed_count', 'counted.reached_count') }} as climb_rate,
        counted.median_days_to_climb,
        ladders.cohort_scope = 'all' or counted.reached_count is not null as is_mature

    from ladders
    cross join rungs
    left join counted
        on
            ladders.cohort_scope = counted.cohort_scope
            and rungs.order_number = counted.order_number
            -- The whole ladder has no month.
            and (
                ladders.cohort_month = counted.cohort_month
                or ladders.cohort_scope = 'all'
            )

)

select * from final
