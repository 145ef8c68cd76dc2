-- Grain: one row per population (active, buyers), period grain, customer and period in
-- which the customer was active or bought.
-- Amounts add up over customers and periods of one grain; never over populations.

-- A view: it is as long as the customer days, and read once.
{{ config(materialized='view') }}

with

activity as (

    select * from {{ ref('int_customer_activity_periods') }}

),

populations as (

    select
        'active' as population,
        period_grain,
        customer_id,
        period_start_date,
        net_amount

    from activity

    where is_active

    union all

    select
        'buyers' as population,
        period_grain,
        customer_id,
        period_start_date,
        net_amount

    from activity

    where has_order

),

followed as (

    select
        *,
        lag(period_start_date) over customer_history as previous_start_date,
        lag(net_amount) over customer_history as previous_net_amount

    from populations

    window
        customer_history as (
            partition by population, period_grain, customer_id
            order by period_start_date
        )

),

final as (

    select
        population,
        period_grain,
        customer_id,
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

)

select * from final
