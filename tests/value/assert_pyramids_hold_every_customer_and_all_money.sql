-- Each level of the pyramid is the same customers and the same money, cut finer.

with

existing as (

    select
        snapshot_date,
        count(*) as customer_count,
        sum(monetary_amount) as net_amount

    from {{ ref('fct_customer_rfm_scores') }}

    group by 1

),

pyramid as (

    select * from {{ ref('rpt_user_pyramid') }}

),

parents as (

    select
        snapshot_date,
        'all' as parent_layer,
        customer_count,
        net_amount

    from existing

    union all

    select
        snapshot_date,
        layer as parent_layer,
        customer_count,
        net_amount

    from pyramid

    where parent_layer = 'all' and layer <> 'no_value'

),

added_up as (

    select
        snapshot_date,
        parent_layer,
        sum(customer_count) as customer_count,
        sum(net_amount) as net_amount,
        sum(customer_share) as customer_share,
        sum(net_amount_share) as net_amount_share

    from pyramid

    group by 1, 2

)

select
    parents.*,
    added_up.customer_count as added_customer_count,
    added_up.net_amount as added_net_amount

from parents
left join added_up
    on
        added_up.snapshot_date = parents.snapshot_date
        and added_up.parent_layer = parents.parent_layer

where
    added_up.customer_count is null
    or added_up.customer_count <> parents.customer_count
    or added_up.net_amount <> parents.net_amount
    or abs(added_up.customer_share - 1) > 1e-9
    or abs(added_up.net_amount_share - 1) > 1e-9
