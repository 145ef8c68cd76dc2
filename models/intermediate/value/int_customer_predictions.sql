-- Grain: one row per fit date and customer who had ordered by then: what is expected of
-- him, null where a model could not be fitted.

with

purchase_histories as (

    select * from {{ ref('int_purchase_histories') }}

),

expectations as (

    select * from {{ ref('int_purchase_expectations') }}

),

amounts as (

    select * from {{ ref('int_gamma_gamma_fits') }}

    where fit_status in ('fitted', 'given')

),

final as (

    select
        purchase_histories.*,
        expectations.p_alive_probability,
        expectations.expected_order_count,
        expectations.discounted_order_count,
        case
            when expectations.expected_order_count is not null
                then {{ gamma_gamma_amount(
                    'purchase_histories.repeat_order_count',
                    'purchase_histories.repeat_amount'
                ) }}
        end as expected_order_amount

    from purchase_histories
    left join expectations
        on
            purchase_histories.fit_date = expectations.fit_date
            and purchase_histories.repeat_order_count = expectations.repeat_order_count
            and purchase_histories.recency_days = expectations.recency_days
            and purchase_histories.age_days = expectations.age_days
    left join amounts on purchase_histories.fit_date = amounts.fit_date

)

select * from final
