-- Grain: one row per customer and date on which the customer did anything.
-- Counts add up over any dates; days with a behaviour have to be counted, not summed.
-- Most days are logins; the counts of single behaviours stay in a table of their own.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_changed',
    incremental_predicates=['activity_date >= changes.changed_from'],
    post_hook='{{ sign() }}',
    range_by='activity_date',
) }}

with

-- The as-of date comes along with each customer: DuckDB expects a handful of rows where
-- a column is compared with a subquery, and would hold a hundred million logins in
-- memory to look customers up in them.
customers as (

    select
        customers.customer_id,
        customers.customer_key,
        customers.entry_date,
        changes.changed_from,
        {{ as_of_date() }} as as_of_date

    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_customer_changes') }} as changes
        on customers.customer_key = changes.customer_key

),

-- One row per login, and one per date with orders or with other behaviours: a login, an
-- order or an event alone makes the day. Counts of a day are small: as integers, a
-- hundred million days of them take a third less memory.
parts as {{ inlined() }} (

    select
        customers.customer_key,
        logins.login_date as activity_date,
        logins.login_at,
        cast(null as integer) as valid_order_count,
        cast(null as decimal(18, 2)) as net_amount,
        cast(null as integer) as event_count,
        cast(null as integer) as exposure_event_count,
        cast(null as integer) as view_count

    from {{ ref('stg_shop__logins') }} as logins
    inner join customers on logins.customer_id = customers.customer_id

    where
        logins.login_date >= customers.changed_from
        and logins.login_date <= customers.as_of_date

    union all

    select
        customers.customer_key,
        orders.order_date as activity_date,
        null as login_at,
        cast(count(*) as integer) as valid_order_count,
        cast(sum(orders.net_amount) as decimal(18, 2)) as net_amount,
        null as event_count,
        null as exposure_event_count,
        null as view_count

    from {{ ref('int_orders_valued') }} as orders
    inner join customers on orders.customer_id = customers.customer_id

    where orders.is_valid and orders.order_date >= customers.changed_from

    group by 1, 2

    union all

    select
        customers.customer_key,
        behaviour_days.activity_date,
        null as login_at,
        null as valid_order_count,
        null as net_amount,
        cast(behaviour_days.event_count as integer) as event_count,
        cast(
            behaviour_days.impression_count
            + behaviour_days.click_count
            + behaviour_days.view_count as integer
        ) as exposure_event_count,
        cast(behaviour_days.view_count as integer) as view_count

    from {{ ref('int_behaviour_days_widened') }} as behaviour_days
    inner join customers on behaviour_days.customer_key = customers.customer_key

    where behaviour_days.activity_date >= customers.changed_from

),

-- The highest of one row and nulls is that row: no sum of a hundred million numbers.
days as (

    select
        customer_key,
        activity_date,
        max(login_at) as last_login_at,
        count(login_at) as login_count,
        cast(coalesce(max(valid_order_count), 0) as bigint) as valid_order_count,
        coalesce(max(net_amount), 0) as net_amount,
        cast(coalesce(max(event_count), 0) as bigint) as event_count,
        coalesce(max(exposure_event_count), 0) + count(login_at) as exposure_count,
        coalesce(max(view_count), 0) + count(login_at) as browse_count

    from parts

    group by 1, 2

),

final as (

    select
        days.*,
        days.activity_date >= customers.entry_date and days.login_count > 0
            as is_login_day,
        days.activity_date >= customers.entry_date
        and ({{ is_active_by('activity_types') }}) as is_activity_day,
        days.activity_date >= customers.entry_date
        and ({{ is_active_by('churn_activity') }}) as is_churn_activity_day

    from days
    inner join customers on days.customer_key = customers.customer_key

)

select * from final
