-- Grain: one row per channel (and all), at the as-of date.

with

buyer_months as (

    select * from {{ ref('int_buyer_months') }}

),

buyer_values as (

    select * from {{ ref('int_buyer_values') }}

),

monthly_retention as (

    select * from {{ ref('int_monthly_retention') }}

),

lifetime_values as (

    select * from {{ ref('fct_customer_lifetime_values') }}

    where valid_order_count > 0

),

customers as (

    select * from {{ ref('int_customers') }}

),

channel_rollup as (

    select * from {{ ref('int_channel_rollup') }}

),

channels as (

    select distinct channel from buyer_months

),

historic as (

    select
        channel_rollup.channel,
        {{ ratio(sum_of_doubles('lifetime_values.historic_margin_amount'), 'count(*)') }}
            as historic_clv_amount

    from lifetime_values
    inner join customers on lifetime_values.customer_id = customers.customer_id
    inner join channel_rollup on customers.channel = channel_rollup.customer_channel

    group by 1

),

horizon as (

    {{ dbt.generate_series(var('clv_horizon_months')) }}

),

future as (

    select
        buyer_values.channel,
        sum(
            buyer_values.monthly_margin_amount
            * power(
                buyer_values.buyer_retention_rate
                * (1 + {{ var('clv_value_growth') }})
                / (1 + {{ monthly_discount_rate() }}),
                horizon.generated_number
            )
            - {{ var('clv_monthly_cost') }}
        ) as future_clv_amount

    from buyer_values
    cross join horizon

    group by 1

),

final as (

    select
        channels.channel,
        case when channels.channel = 'all' then monthly_retention.monthly_retention_rate end
            as monthly_retention_rate,
        buyer_values.buyer_retention_rate,
        case
            when channels.channel = 'all'
                then {{ expected_lifetime('monthly_retention.monthly_retention_rate') }}
        end as expected_lifetime_months,
        {{ required_retention(var('cl_targets')[0]) }} as required_retention_rate_1,
        {{ required_retention(var('cl_targets')[1]) }} as required_retention_rate_2,
        buyer_values.monthly_margin_amount,
        {{ simple_clv_end(
            'buyer_values.monthly_margin_amount', 'buyer_values.buyer_retention_rate'
        ) }} as simple_clv_end_amount,
        {{ simple_clv_start(
            'buyer_values.monthly_margin_amount', 'buyer_values.buyer_retention_rate'
        ) }} as simple_clv_start_amount,
        historic.historic_clv_amount + future.future_clv_amount
            as parametric_clv_amount,
        historic.historic_clv_amount

    from channels
    cross join monthly_retention
    left join buyer_values on channels.channel = buyer_values.channel
    left join historic on channels.channel = historic.channel
    left join future on channels.channel = future.channel

)

select * from final
