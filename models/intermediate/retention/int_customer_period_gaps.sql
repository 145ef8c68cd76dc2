-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought.
-- The gap is null where the period is the customer's first. Amounts are those of
-- buyers; they add up over customers and periods of one grain.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

{% set populations = {'active': 'is_active', 'buyers': 'has_order'} -%}

with

activity as {{ inlined() }} (

    select * from {{ ref('int_customer_activity_periods') }}

),

-- Each population and grain by itself: sorting the days, the most by far, by customer
-- alone is twice as fast as by population, grain and customer.
final as (

    {% for population, condition in populations.items() -%}
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
    from activity
    where {{ condition }} and period_grain = '{{ period_grain }}'
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

)

select * from final
