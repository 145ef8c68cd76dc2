-- Money that falls out between orders and cohorts, or is counted twice, would make
-- revenue retention look worse or better than the shop is (I-02).

with

cohort_money as (

    select
        cohort_start_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_cohort_retention') }}

    where
        cohort_basis = 'first_order'
        and activity = 'order'
        and period_grain = 'month'
        and channel = 'all'

    group by 1

),

orders as (

    select
        {{ month_start('order_date') }} as order_month,
        net_amount,
        {{ month_start('min(order_date) over (partition by customer_id)') }}
            as cohort_start_date

    from {{ ref('fct_orders') }}

    where is_valid

),

order_sums as (

    select
        orders.cohort_start_date,
        sum(orders.net_amount) as net_amount

    from orders
    inner join {{ ref('int_retention_offsets') }} as last_offsets
        on
            last_offsets.period_grain = 'month'
            and {{ months_between('orders.cohort_start_date', 'orders.order_month') }}
            <= last_offsets.max_offset

    group by 1

)

select
    cohort_money.*,
    order_sums.net_amount as order_net_amount

from cohort_money
left join order_sums on cohort_money.cohort_start_date = order_sums.cohort_start_date

where cohort_money.net_amount <> coalesce(order_sums.net_amount, 0)
