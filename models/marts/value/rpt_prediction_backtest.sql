-- Grain: one row per fit date of the back-test and number of repeat orders by then.
-- Counts and amounts add up; the models have seen nothing after the fit date.

with

predictions as (

    select * from {{ ref('int_customer_predictions') }}

    where fit_date < {{ as_of_date() }}

),

bg_nbd_fits as (

    select * from {{ ref('int_bg_nbd_fits') }}

),

gamma_gamma_fits as (

    select * from {{ ref('int_gamma_gamma_fits') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

outcomes as (

    select
        predictions.fit_date,
        predictions.customer_id,
        count(distinct orders.order_date) as order_count,
        sum(orders.net_amount) as net_amount

    from predictions
    inner join orders
        on
            predictions.customer_id = orders.customer_id
            and predictions.fit_date < orders.order_date

    group by predictions.fit_date, predictions.customer_id

),

final as (

    select
        predictions.fit_date,
        predictions.repeat_order_count,
        count(*) as customer_count,
        {{ sum_of_doubles('predictions.expected_order_count') }}
            as expected_order_count,
        cast(coalesce(sum(outcomes.order_count), 0) as bigint) as actual_order_count,
        {{ sum_of_doubles(
            'predictions.expected_order_count * predictions.expected_order_amount'
        ) }} as expected_amount,
        cast(coalesce(sum(outcomes.net_amount), 0) as decimal(18, 2)) as actual_amount,
        {{ models_status('bg_nbd_fits.fit_status', 'gamma_gamma_fits.fit_status') }}
            as fit_status

    from predictions
    inner join bg_nbd_fits on predictions.fit_date = bg_nbd_fits.fit_date
    inner join gamma_gamma_fits on predictions.fit_date = gamma_gamma_fits.fit_date
    left join outcomes
        on
            predictions.fit_date = outcomes.fit_date
            and predictions.customer_id = outcomes.customer_id

    group by
        predictions.fit_date,
        predictions.repeat_order_count,
        bg_nbd_fits.fit_status,
        gamma_gamma_fits.fit_status

)

select * from final
