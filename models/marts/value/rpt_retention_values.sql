-- Grain: one row per channel (and all), at the as-of date.

{%- set monthly_factor -%}
    (
        buyer_values.buyer_retention_rate * (1 + {{ var('clv_value_growth') }})
        / (1 + {{ monthly_discount_rate() }})
    )
{%- endset %}

with

buyer_values as (

    select * from {{ ref('int_buyer_values') }}

),

monthly_retention as (

    select * from {{ ref('int_monthly_retention') }}

),

customer_scopes as (

    select * from {{ ref('int_customer_scopes') }}

),

historic as (

    -- A buyer belongs to one cohort, so the cohorts' sizes add up to all buyers.
    select
        channel,
        {{ ratio('sum(margin_amount)', 'sum(customer_count)') }}
            as historic_clv_amount

    from {{ ref('int_cohort_margins') }}

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
            * case
                -- PostgreSQL refuses a power that is too small for a double.
                when
                    horizon.generated_number * ln(nullif({{ monthly_factor }}, 0))
                    < -600
                    then 0
                else power({{ monthly_factor }}, horizon.generated_number)
            end
            - {{ var('clv_monthly_cost') }}
        ) as future_clv_amount

    from buyer_values
    cross join horizon

    group by 1

),

final as (

    select
        buyer_values.channel,
        case
            when buyer_values.channel = 'all'
                then monthly_retention.monthly_retention_rate
        end as monthly_retention_rate,
        buyer_values.buyer_retention_rate,
        case
            when buyer_values.channel = 'all'
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
        historic.historic_clv_amount,
        cast(coalesce(customer_scopes.customer_scope_count, 0) as bigint)
            as customer_scope_count

    from buyer_values
    cross join monthly_retention
    left join historic on buyer_values.channel = historic.channel
    left join future on buyer_values.channel = future.channel
    left join customer_scopes on buyer_values.channel = customer_scopes.channel

)

select * from final
