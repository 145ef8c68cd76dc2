-- Grain: one row per customer and date on which the customer did anything.
-- Counts add up over any dates; days with a behaviour have to be counted, not summed.
-- Most days are logins; the counts of single behaviours stay in a table of their own.

{{ config(
    materialized='incremental',
    incremental_strategy='replace_changed',
    incremental_predicates=['activity_date >= changes.changed_from'],
    pre_hook='{{ refuse_partial_rebuild() }}',
    post_hook='{{ sign() }}',
) }}

with

customers as (

    select
        customers.customer_id,
        customers.customer_key,
        customers.entry_date,
        changes.changed_from

    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_customer_changes') }} as changes
        on customers.customer_key = changes.customer_key

),

login_days as (

    select
        customers.customer_key,
        logins.login_date as activity_date,
        count(*) as login_count,
        max(logins.login_at) as last_login_at

    from {{ ref('stg_shop__logins') }} as logins
    inner join customers on logins.customer_id = customers.customer_id

    where
        logins.login_date >= customers.changed_from
        and logins.login_date <= {{ as_of_date() }}

    group by 1, 2

),

order_days as (

    select
        customers.customer_key,
        orders.order_date as activity_date,
        count(*) as valid_order_count,
        cast(sum(orders.net_amount) as decimal(18, 2)) as net_amount

    from {{ ref('int_orders_valued') }} as orders
    inner join customers on orders.customer_id = customers.customer_id

    where orders.is_valid and orders.order_date >= customers.changed_from

    group by 1, 2

),

behaviour_days as (

    select behaviour_days.*

    from {{ ref('int_behaviour_days_widened') }} as behaviour_days
    inner join customers on behaviour_days.customer_key = customers.customer_key

    where behaviour_days.activity_date >= customers.changed_from

),

joined as (

    -- Full joins: a login, an order or an event alone makes the day.
    select
        customer_key,
        activity_date,
        login_days.last_login_at,
        coalesce(login_days.login_count, 0) as login_count,
        coalesce(order_days.valid_order_count, 0) as valid_order_count,
        coalesce(order_days.net_amount, 0) as net_amount,
        coalesce(behaviour_days.event_count, 0) as event_count,
        coalesce(
            behaviour_days.impression_count
            + behaviour_days.click_count
            + behaviour_days.view_count,
            0
        ) + coalesce(login_days.login_count, 0) as exposure_count,
        coalesce(behaviour_days.view_count, 0)
        + coalesce(login_days.login_count, 0) as browse_count

    from login_days
    full outer join order_days using (customer_key, activity_date)
    full outer join behaviour_days using (customer_key, activity_date)

),

final as (

    select
        joined.*,
        joined.activity_date >= customers.entry_date and joined.login_count > 0
            as is_login_day,
        joined.activity_date >= customers.entry_date
        and ({{ is_active_by('activity_types') }}) as is_activity_day,
        joined.activity_date >= customers.entry_date
        and ({{ is_active_by('churn_activity') }}) as is_churn_activity_day

    from joined
    inner join customers on joined.customer_key = customers.customer_key

)

select * from final
