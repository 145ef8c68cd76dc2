-- What customers cost and what falls to nobody is all that was spent: a share lost or
-- counted twice would make customers look more or less profitable than they are.

with

costs as (

    select
        acquisition_cost_amount,
        operating_cost_amount

    from {{ ref('fct_customer_lifetime_values') }}

    union all

    select
        acquisition_cost_amount,
        operating_cost_amount

    from {{ ref('rpt_clv_by_segment') }}

    where segmentation = 'unallocated'

),

totals as (

    select
        coalesce(sum(acquisition_cost_amount), 0) as acquisition_cost_amount,
        coalesce(sum(operating_cost_amount), 0) as operating_cost_amount

    from costs

),

spend as (

    select coalesce(sum(spend_amount), 0) as amount

    from {{ ref('fct_channel_spend') }}

),

paid_costs as (

    select amount from {{ ref('stg_shop__operating_costs') }}

    union all

    select cost as amount from {{ ref('stg_shop__contacts') }}

),

operating_costs as (

    select coalesce(sum(amount), 0) as amount

    from paid_costs

)

select
    totals.acquisition_cost_amount,
    spend.amount as spend_amount,
    totals.operating_cost_amount,
    operating_costs.amount as paid_amount

from totals
cross join spend
cross join operating_costs

where
    abs(totals.acquisition_cost_amount - spend.amount) > 0.005
    or abs(totals.operating_cost_amount - operating_costs.amount) > 0.005
