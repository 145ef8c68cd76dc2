-- Grain: one row per segmentation and segment whose customers have earned what
-- acquiring them cost: how many months after their first orders they had.

with

segments as {{ inlined() }} (

    select * from {{ ref('int_customer_segments') }}

),

acquisition_costs as (

    select * from {{ ref('int_customer_acquisition_costs') }}

),

orders as {{ inlined() }} (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

first_orders as (

    select
        customer_id,
        order_date

    from orders

    where is_first_valid_order

),

-- Months of one customer first: every segmentation reads them again.
customer_margins as (

    select
        orders.customer_id,
        {{ months_between('first_orders.order_date', 'orders.order_date') }}
            as month_offset,
        sum(cast(orders.margin_amount as decimal(38, 12))) as margin_amount

    from orders
    inner join first_orders on orders.customer_id = first_orders.customer_id

    group by 1, 2

),

costs as (

    select
        segments.segmentation,
        segments.segment,
        {{ sum_of_doubles('acquisition_costs.acquisition_cost_amount') }} as cost_amount

    from segments
    inner join acquisition_costs
        on segments.customer_id = acquisition_costs.customer_id

    group by 1, 2

),

margins as (

    select
        segments.segmentation,
        segments.segment,
        customer_margins.month_offset,
        sum(customer_margins.margin_amount) as margin_amount

    from segments
    inner join customer_margins on segments.customer_id = customer_margins.customer_id

    group by 1, 2, 3

),

cumulated as (

    select
        segmentation,
        segment,
        month_offset,
        sum(margin_amount) over (
            partition by segmentation, segment
            order by month_offset
        ) as margin_amount

    from margins

),

-- Thirds of 200 are not 200 again: both sides are rounded.
final as (

    select
        costs.segmentation,
        costs.segment,
        min(cumulated.month_offset) as payback_months

    from costs
    inner join cumulated
        on
            costs.segmentation = cumulated.segmentation
            and costs.segment = cumulated.segment

    where
        {{ rounded('cumulated.margin_amount') }} >= {{ rounded('costs.cost_amount') }}

    group by 1, 2

)

select * from final
