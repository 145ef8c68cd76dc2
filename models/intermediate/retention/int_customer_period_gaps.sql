-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought, of the periods that are counted again.
-- The gap is null where the period is the customer's first. Amounts are those of
-- buyers; they add up over customers and periods of one grain.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

with

-- Each population and grain by itself: sorting the days, the most by far, by customer
-- alone is twice as fast as by population, grain and customer.
gaps as (

    {% for period_grain in ['day', 'week', 'month'] -%}
    select
        'active' as population,
        '{{ period_grain }}' as period_grain,
        customer_key,
        period_start_date,
        cast(null as decimal(18, 2)) as net_amount,
        cast(null as decimal(18, 2)) as previous_net_amount,
        {{ period_offset(
            "'" ~ period_grain ~ "'",
            'lag(period_start_date) over active_' ~ period_grain ~ 's',
            'period_start_date'
        ) }} as gap_periods
    from (
        select
            customer_key,
            period_start_date
        from {{ ref('int_customer_activity_periods') }}
        where
            period_grain = '{{ period_grain }}'
            and is_active
            and period_start_date >= {{ restated_periods_from() }}
        union all
        -- Of the many periods before those that are counted again, the last one is all
        -- that a gap is measured from.
        select
            customer_key,
            max(period_start_date) as period_start_date
        from {{ ref('int_customer_activity_periods') }}
        where
            period_grain = '{{ period_grain }}'
            and is_active
            and period_start_date < {{ restated_periods_from() }}
        group by 1
    ) as active_periods
    window
        active_{{ period_grain }}s as (
            partition by customer_key
            order by period_start_date
        )
    union all
    select
        'buyers' as population,
        '{{ period_grain }}' as period_grain,
        customer_key,
        period_start_date,
        net_amount,
        lag(net_amount) over buyers_{{ period_grain }}s as previous_net_amount,
        {{ period_offset(
            "'" ~ period_grain ~ "'",
            'lag(period_start_date) over buyers_' ~ period_grain ~ 's',
            'period_start_date'
        ) }} as gap_periods
    from {{ ref('int_customer_activity_periods') }}
    where period_grain = '{{ period_grain }}' and has_order
    window
        buyers_{{ period_grain }}s as (
            partition by customer_key
            order by period_start_date
        )
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
