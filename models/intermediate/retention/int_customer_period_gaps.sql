-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought, of the periods that are counted again.
-- The gap is null where the period is the customer's first. Amounts are those of
-- buyers; they add up over customers and periods of one grain.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

with

activity as {{ inlined() }} (

    select * from {{ ref('int_customer_activity_periods') }}

),

-- Of the many active periods before those that are counted again, the last one is all
-- that a gap is measured from.
active as (

    select
        customer_key,
        period_grain,
        period_start_date

    from activity

    where
        is_active
        and period_start_date >= {{ restated_periods_from() }}

    union all

    select
        customer_key,
        period_grain,
        max(period_start_date) as period_start_date

    from activity

    where
        is_active
        and period_start_date < {{ restated_periods_from() }}

    group by 1, 2

),

buyers as (

    select
        customer_key,
        period_grain,
        period_start_date,
        net_amount

    from activity

    where has_order

),

-- Each population and grain by itself: sorting the days, the most by far, by customer
-- alone is twice as fast as by population, grain and customer.
gaps as (

    {% for population in ['active', 'buyers'] -%}
    {% for period_grain in ['day', 'week', 'month'] -%}
    {% set history = population ~ '_' ~ period_grain ~ 's' -%}
    select
        '{{ population }}' as population,
        '{{ period_grain }}' as period_grain,
        customer_key,
        period_start_date,
        {% if population == 'buyers' -%}
        net_amount,
        lag(net_amount) over {{ history }} as previous_net_amount,
        {% else -%}
        cast(null as decimal(18, 2)) as net_amount,
        cast(null as decimal(18, 2)) as previous_net_amount,
        {% endif -%}
        {{ period_offset(
            "'" ~ period_grain ~ "'",
            'lag(period_start_date) over ' ~ history,
            'period_start_date'
        ) }} as gap_periods
    from {{ population }}
    where period_grain = '{{ period_grain }}'
    window
        {{ history }} as (
            partition by customer_key
            order by period_start_date
        )
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor -%}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

final as (

    select * from gaps

    where period_start_date >= {{ restated_periods_from() }}

)

select * from final
