-- Grain: one row per cohort basis, period grain and customer.

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

cohort_dates as (

    select
        'registration' as cohort_basis,
        customer_key,
        channel,
        registration_date as cohort_date

    from customers

    -- Guests never registered: they are in no registration cohort.
    where registration_date is not null

    union all

    select
        'first_order' as cohort_basis,
        customers.customer_key,
        customers.channel,
        orders.order_date as cohort_date

    from orders
    inner join customers on orders.customer_id = customers.customer_id

    where orders.is_first_valid_order

),

final as (

    select
        cohort_basis,
        'day' as period_grain,
        customer_key,
        channel,
        {{ period_start('day', 'cohort_date') }} as cohort_start_date

    from cohort_dates

    union all

    select
        cohort_basis,
        'week' as period_grain,
        customer_key,
        channel,
        {{ period_start('week', 'cohort_date') }} as cohort_start_date

    from cohort_dates

    union all

    select
        cohort_basis,
        'month' as period_grain,
        customer_key,
        channel,
        {{ period_start('month', 'cohort_date') }} as cohort_start_date

    from cohort_dates

)

select * from final
