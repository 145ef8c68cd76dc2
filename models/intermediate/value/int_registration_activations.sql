-- Grain: one row per registered customer, with the first order since registration.
-- An order from before registration neither activates nor converts anybody.

with

registered_customers as (

    select * from {{ ref('int_customers') }}

    where registered_at is not null

),

first_orders as (

    select
        customer_id,
        min(ordered_at) as first_ordered_at,
        min(order_date) as first_order_date

    from {{ ref('fct_orders') }}

    where is_valid and not is_before_registration

    group by 1

),

final as (

    select
        registered_customers.customer_id,
        registered_customers.channel as customer_channel,
        registered_customers.registration_date,
        {{ month_start('registered_customers.registration_date') }} as cohort_month,
        {{ elapsed_days(
            'registered_customers.registered_at', 'first_orders.first_ordered_at'
        ) }} as activation_days,
        first_orders.customer_id is not null as is_activated,
        {{ days_between(
            'registered_customers.registration_date',
            'coalesce(first_orders.first_order_date, ' ~ as_of_date() ~ ')'
        ) }} as observed_days,
        coalesce(
            first_orders.first_order_date
            <= {{ add_days(
                'registered_customers.registration_date', var('first_order_window_days')
            ) }},
            false
        ) as is_converted

    from registered_customers
    left join first_orders
        on registered_customers.customer_id = first_orders.customer_id

)

select * from final
