-- Every segmentation is the same customers and the same money, cut otherwise; months of
-- the first order hold the buyers. A customer in two segments would count twice.

with

lifetime_values as (

    select
        customer_id,
        valid_order_count,
        historic_margin_amount,
        predicted_clv_amount,
        acquisition_cost_amount,
        operating_cost_amount

    from {{ ref('fct_customer_lifetime_values') }}

),

segmentations as (

    select
        segmentation,
        sum(customer_count) as customer_count,
        sum(historic_profit_amount) as historic_profit_amount,
        sum(acquisition_cost_amount) as acquisition_cost_amount,
        sum(operating_cost_amount) as operating_cost_amount,
        sum(predicted_clv_amount) as predicted_clv_amount,
        count(*) - count(predicted_clv_amount) as unpredicted_count

    from {{ ref('rpt_clv_by_segment') }}

    where segmentation <> 'unallocated'

    group by 1

),

customers as (

    select
        segmentations.segmentation,
        count(*) as customer_count,
        sum(
            lifetime_values.historic_margin_amount
            - lifetime_values.acquisition_cost_amount
            - lifetime_values.operating_cost_amount
        ) as historic_profit_amount,
        sum(lifetime_values.acquisition_cost_amount) as acquisition_cost_amount,
        sum(lifetime_values.operating_cost_amount) as operating_cost_amount,
        coalesce(sum(lifetime_values.predicted_clv_amount), 0) as predicted_clv_amount

    from segmentations
    inner join lifetime_values
        on
            segmentations.segmentation <> 'first_order_month'
            or lifetime_values.valid_order_count > 0

    group by 1

)

select
    customers.*,
    segmentations.customer_count as segment_customer_count,
    segmentations.historic_profit_amount as segment_historic_profit_amount

from customers
inner join segmentations on customers.segmentation = segmentations.segmentation

where
    customers.customer_count <> segmentations.customer_count
    or abs(
        customers.historic_profit_amount - segmentations.historic_profit_amount
    ) > 0.005
    or abs(
        customers.acquisition_cost_amount - segmentations.acquisition_cost_amount
    ) > 0.005
    or abs(
        customers.operating_cost_amount - segmentations.operating_cost_amount
    ) > 0.005
    or (
        segmentations.unpredicted_count = 0
        and abs(
            customers.predicted_clv_amount - segmentations.predicted_clv_amount
        ) > 0.005
    )
