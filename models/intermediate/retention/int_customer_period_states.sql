-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought.
-- Amounts add up over customers and periods of one grain; never over populations.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

with

-- Each population and grain by itself: sorting the days, the most by far, by customer
-- alone is twice as fast as by population, grain and customer.
followed as (

    {% for population in ['active', 'buyers'] -%}
    {% for period_grain in ['day', 'week', 'month'] -%}
    select
        *,
        lag(period_start_date) over (
            partition by customer_key
            order by period_start_date
        ) as previous_start_date,
        lag(net_amount) over (
            partition by customer_key
            order by period_start_date
        ) as previous_net_amount
    from {{ ref('int_population_periods') }}
    where population = '{{ population }}' and period_grain = '{{ period_grain }}'
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor -%}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

stated as (

    select
        population,
        period_grain,
        customer_key,
        period_start_date,
        net_amount,
        previous_net_amount,
        case
            when previous_start_date is null then 'new'
            when
                {{ period_offset(
                    'period_grain', 'previous_start_date', 'period_start_date'
                ) }} = 1
                then 'retained'
            else 'resurrected'
        end as state

    from followed

),

final as (

    -- Compared with the period just before only: what was spent earlier was lost then.
    select
        population,
        period_grain,
        customer_key,
        period_start_date,
        state,
        net_amount,
        case
            when state = 'retained' then least(net_amount, previous_net_amount)
            else 0
        end as kept_net_amount,
        case
            when state = 'retained' and net_amount > previous_net_amount
                then net_amount - previous_net_amount
            else 0
        end as added_net_amount,
        case
            when state = 'retained' and net_amount < previous_net_amount
                then previous_net_amount - net_amount
            else 0
        end as dropped_net_amount

    from stated

)

select * from final
