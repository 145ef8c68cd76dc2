-- Growth that is not made of the shop's orders is invented (I-02, I-07).

with

accounting as (

    select
        period_start_date,
        new_net_amount
        + resurrected_net_amount
        + retained_net_amount
        + expansion_net_amount as net_amount

    from {{ ref('rpt_growth_accounting') }}

    where population = 'buyers' and period_grain = 'month' and channel = 'all'

),

orders as (

    select
        {{ month_start('order_date') }} as period_start_date,
        sum(net_amount) as net_amount

    from {{ ref('fct_orders') }}

    where is_valid

    group by 1

)

select
    accounting.*,
    orders.net_amount as order_net_amount

from accounting
left join orders on accounting.period_start_date = orders.period_start_date

where accounting.net_amount <> coalesce(orders.net_amount, 0)
