-- Grain: one row per customer with a cost, and one without customer for what falls to
-- nobody. Shared costs of a month go to its orders; without any, to its activity days.
-- An account that does not exist yet is nobody.

with

customers as (

    select * from {{ ref('int_customers') }}

),

contact_costs as (

    select
        customers.customer_id,
        contact_days.cost_amount

    from {{ ref('int_contact_days') }} as contact_days
    left join customers on contact_days.customer_id = customers.customer_id

),

operating_costs as (

    select * from {{ ref('int_operating_cost_months') }}

),

direct_costs as (

    select
        customers.customer_id,
        operating_costs.cost_amount

    from operating_costs
    left join customers on operating_costs.customer_id = customers.customer_id

    where operating_costs.customer_id is not null

),

shared_costs as (

    select
        month_start_date,
        sum(cost_amount) as amount

    from operating_costs

    where customer_id is null

    group by 1

),

order_months as (

    select
        customer_id,
        {{ month_start('order_date') }} as month_start_date,
        count(*) as order_count

    from {{ ref('fct_orders') }}

    where is_valid

    group by 1, 2

),

activity_months as (

    select
        customers.customer_id,
        customer_periods.period_start_date as month_start_date,
        customer_periods.active_day_count

    from {{ ref('int_customer_periods') }} as customer_periods
    inner join customers on customer_periods.customer_key = customers.customer_key

    where customer_periods.period_grain = 'month' and customer_periods.is_active

),

order_totals as (

    select
        month_start_date,
        sum(order_count) as order_count

    from order_months

    group by 1

),

activity_totals as (

    select
        month_start_date,
        sum(active_day_count) as active_day_count

    from activity_months

    group by 1

),

cost_months as (

    select
        shared_costs.*,
        order_totals.order_count,
        activity_totals.active_day_count

    from shared_costs
    left join order_totals
        on shared_costs.month_start_date = order_totals.month_start_date
    left join activity_totals
        on shared_costs.month_start_date = activity_totals.month_start_date

),

allocated as (

    select
        customer_id,
        {{ as_double('cost_amount') }} as amount

    from contact_costs

    union all

    select
        customer_id,
        {{ as_double('cost_amount') }} as amount

    from direct_costs

    union all

    select
        order_months.customer_id,
        {{ ratio(
            'cost_months.amount * order_months.order_count', 'cost_months.order_count'
        ) }} as amount

    from cost_months
    inner join order_months
        on cost_months.month_start_date = order_months.month_start_date

    union all

    select
        activity_months.customer_id,
        {{ ratio(
            'cost_months.amount * activity_months.active_day_count',
            'cost_months.active_day_count'
        ) }} as amount

    from cost_months
    inner join activity_months
        on cost_months.month_start_date = activity_months.month_start_date

    where cost_months.order_count is null

    union all

    select
        null as customer_id,
        {{ as_double('amount') }} as amount

    from cost_months

    where order_count is null and active_day_count is null

),

final as (

    select
        customer_id,
        {{ sum_of_doubles('amount') }} as operating_cost_amount

    from allocated

    group by 1

)

select * from final
