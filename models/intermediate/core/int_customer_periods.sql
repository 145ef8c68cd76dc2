-- Grain: one row per customer, period grain (week, month) and period in which the
-- customer logged in, ordered or was active, from entry on. Days: int_customer_days.
-- Orders and money add up over the periods of one grain; never over both grains.

with

customers as (

    select * from {{ ref('int_customers') }}

),

days as (

    select
        customer_days.customer_key,
        customer_days.activity_date,
        customer_days.login_count > 0 as has_login,
        customer_days.valid_order_count as order_count,
        customer_days.net_amount,
        customer_days.is_activity_day

    from {{ ref('int_customer_days') }} as customer_days
    inner join customers
        on
            customer_days.customer_key = customers.customer_key
            -- A login before the first registration belongs to nobody's life yet.
            and customer_days.activity_date >= customers.entry_date

    where
        customer_days.login_count > 0
        or customer_days.valid_order_count > 0
        or customer_days.is_activity_day

),

final as (

    {% for period_grain in ['week', 'month'] -%}
    select
        customer_key,
        '{{ period_grain }}' as period_grain,
        {{ period_start(period_grain, 'activity_date') }} as period_start_date,
        bool_or(has_login) as has_login,
        sum(order_count) > 0 as has_order,
        bool_or(is_activity_day) as is_active,
        cast(sum(case when is_activity_day then 1 else 0 end) as bigint)
            as active_day_count,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(net_amount) as decimal(18, 2)) as net_amount
    from days
    group by 1, 2, 3
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

)

select * from final
