-- Grain: one row per customer, period grain (week, month) and period in which the
-- customer logged in, ordered or was active, from entry on. Days: int_customer_days.
-- Orders and money add up over the periods of one grain; never over both grains.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_changed',
    incremental_predicates=['period_start_date > changes.changed_from - 7'],
    post_hook='{{ sign() }}',
) }}

with

-- A login before the first registration belongs to nobody's life yet.
days as {{ inlined() }} (

    select
        customer_days.customer_key,
        customer_days.activity_date,
        customer_days.is_login_day,
        customer_days.is_activity_day,
        customer_days.net_amount,
        cast(customer_days.login_count as integer) as login_count,
        cast(customer_days.valid_order_count as integer) as order_count,
        changes.changed_from

    from {{ ref('int_customer_days') }} as customer_days
    inner join {{ ref('int_customer_changes') }} as changes
        on customer_days.customer_key = changes.customer_key

    where
        customer_days.is_login_day
        or customer_days.valid_order_count > 0
        or customer_days.is_activity_day

),

-- Forty million periods have to fit into memory: few sums, of small numbers.
periods as (

    {% for period_grain in ['week', 'month'] -%}
    select
        customer_key,
        '{{ period_grain }}' as period_grain,
        {{ period_start(period_grain, 'activity_date') }} as period_start_date,
        count(case when is_activity_day then 1 end) as active_day_count,
        sum(case when is_login_day then login_count end) as login_count,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount
    from days
    -- Changes begin with a month, and with the week in which that month begins.
    where activity_date >= {{ period_start(period_grain, 'changed_from') }}
    group by 1, 3
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

final as (

    select
        customer_key,
        period_grain,
        period_start_date,
        coalesce(login_count, 0) > 0 as has_login,
        order_count > 0 as has_order,
        active_day_count > 0 as is_active,
        active_day_count,
        cast(coalesce(login_count, 0) as bigint) as login_count,
        cast(order_count as bigint) as order_count,
        cast(net_amount as decimal(18, 2)) as net_amount

    from periods

)

select * from final
