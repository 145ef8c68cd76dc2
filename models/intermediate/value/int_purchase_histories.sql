-- Grain: one row per fit date (the as-of date, and the date of the back-test) and
-- customer who had ordered by then. Orders of one day are one purchase.

with

fit_dates as (

    select * from {{ ref('int_fit_dates') }}

),

changes as (

    select * from {{ ref('int_order_amount_changes') }}

),

purchases as (

    select
        fit_dates.fit_date,
        changes.customer_id,
        changes.order_date,
        sum(changes.net_change_amount) as net_amount

    from changes
    inner join fit_dates on changes.change_date <= fit_dates.fit_date

    group by 1, 2, 3

),

followed as (

    select
        *,
        min(order_date) over (
            partition by fit_date, customer_id
        ) as first_order_date

    from purchases

),

final as (

    select
        fit_date,
        customer_id,
        count(*) - 1 as repeat_order_count,
        {{ days_between('min(order_date)', 'max(order_date)') }} as recency_days,
        {{ days_between('min(order_date)', 'fit_date') }} as age_days,
        {{ ratio(
            'sum(case when order_date > first_order_date then net_amount end)',
            'count(*) - 1'
        ) }} as repeat_amount

    from followed

    group by 1, 2

)

select * from final
