-- Grain: one row per segmentation and segment with customers at the as-of date, and one
-- for the costs that fall to nobody.
-- Amounts add up over the segments of one segmentation; ratios and months never do.

with

segments as (

    select * from {{ ref('int_customer_segments') }}

),

lifetime_values as (

    select * from {{ ref('fct_customer_lifetime_values') }}

),

paybacks as (

    select * from {{ ref('int_segment_paybacks') }}

),

unallocated as (

    select
        'unallocated' as segment,
        acquisition_cost_amount,
        0 as operating_cost_amount

    from {{ ref('int_customer_acquisition_costs') }}

    where customer_id is null and acquisition_cost_amount > 0

    union all

    select
        'unallocated' as segment,
        0 as acquisition_cost_amount,
        operating_cost_amount

    from {{ ref('int_customer_operating_costs') }}

    where customer_id is null and operating_cost_amount > 0

),

valued as (

    select
        segments.segmentation,
        segments.segment,
        count(*) as customer_count,
        {{ sum_of_doubles('lifetime_values.historic_margin_amount') }}
            as historic_margin_amount,

        -- A buyer without a prediction leaves that of the segment unknown.
        case
            when
                count(lifetime_values.predicted_clv_amount)
                = sum(case when lifetime_values.valid_order_count > 0 then 1 else 0 end)
                then coalesce(
                    {{ sum_of_doubles('lifetime_values.predicted_clv_amount') }}, 0
                )
        end as predicted_clv_amount,
        {{ sum_of_doubles('lifetime_values.acquisition_cost_amount') }}
            as acquisition_cost_amount,
        {{ sum_of_doubles('lifetime_values.operating_cost_amount') }}
            as operating_cost_amount

    from segments
    inner join lifetime_values on segments.customer_id = lifetime_values.customer_id

    group by 1, 2

    union all

    select
        segment as segmentation,
        segment,
        0 as customer_count,
        0 as historic_margin_amount,
        0 as predicted_clv_amount,
        {{ sum_of_doubles('acquisition_cost_amount') }} as acquisition_cost_amount,
        {{ sum_of_doubles('operating_cost_amount') }} as operating_cost_amount

    from unallocated

    group by 1, 2

),

final as (

    select
        valued.segmentation,
        valued.segment,
        valued.customer_count,
        valued.predicted_clv_amount,
        valued.historic_margin_amount + valued.predicted_clv_amount
            as total_clv_amount,
        valued.acquisition_cost_amount,
        valued.operating_cost_amount,
        valued.historic_margin_amount
        - valued.acquisition_cost_amount
        - valued.operating_cost_amount as historic_profit_amount,
        valued.historic_margin_amount
        + valued.predicted_clv_amount
        - valued.acquisition_cost_amount
        - valued.operating_cost_amount as total_profit_amount,
        {{ ratio(
            'valued.historic_margin_amount + valued.predicted_clv_amount',
            'valued.acquisition_cost_amount'
        ) }} as ltv_to_cac_ratio,
        cast(
            case
                when valued.acquisition_cost_amount = 0 then 0
                else paybacks.payback_months
            end as integer
        ) as payback_months

    from valued
    left join paybacks
        on
            valued.segmentation = paybacks.segmentation
            and valued.segment = paybacks.segment

)

select * from final
