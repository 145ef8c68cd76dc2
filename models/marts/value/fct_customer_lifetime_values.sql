-- Grain: one row per customer who exists at the as-of date, buyers or not.
-- Amounts add up over customers; a null prediction makes a sum of them too small.

with

customers as (

    select * from {{ ref('int_customers') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

    where is_valid

),

order_totals as (

    select
        customer_id,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date,
        count(*) as valid_order_count,
        count(distinct order_date) - 1 as repeat_order_count,
        count(distinct {{ month_start('order_date') }}) as active_month_count,
        sum(net_amount) as historic_net_amount,
        {{ sum_of_doubles('margin_amount') }} as historic_margin_amount

    from orders

    group by 1

),

margin_rates as (

    -- Without any known cost the rate is known even where nothing was earned.
    select
        case
            when count(cost_amount) = 0
                then {{ as_double(var('gross_margin_rate')) }}
            else {{ ratio(sum_of_doubles('margin_amount'), 'sum(net_amount)') }}
        end as margin_rate

    from orders

),

predictions as (

    select * from {{ ref('int_customer_predictions') }}

    where fit_date = {{ as_of_date() }}

),

models as (

    select {{ as_of_date() }} as fit_date

),

statuses as (

    select
        {{ models_status('bg_nbd_fits.fit_status', 'gamma_gamma_fits.fit_status') }}
            as fit_status

    from models
    left join {{ ref('int_bg_nbd_fits') }} as bg_nbd_fits
        on models.fit_date = bg_nbd_fits.fit_date
    left join {{ ref('int_gamma_gamma_fits') }} as gamma_gamma_fits
        on models.fit_date = gamma_gamma_fits.fit_date

),

acquisition_costs as (

    select * from {{ ref('int_customer_acquisition_costs') }}

),

operating_costs as (

    select * from {{ ref('int_customer_operating_costs') }}

),

signals as (

    select
        customer_id,
        wallet_share

    from {{ ref('int_customer_loyalty_signals') }}

    where snapshot_date = {{ as_of_date() }}

),

joined as (

    select
        customers.customer_id,
        {{ as_of_date() }} as as_of_date,
        cast(coalesce(order_totals.historic_net_amount, 0) as decimal(18, 2))
            as historic_net_amount,
        coalesce(order_totals.historic_margin_amount, 0) as historic_margin_amount,
        coalesce(order_totals.valid_order_count, 0) as valid_order_count,
        coalesce(order_totals.repeat_order_count, 0) as repeat_order_count,
        {{ ratio(
            days_between(
                'order_totals.first_order_date', 'order_totals.last_order_date'
            ),
            7
        ) }} as recency_weeks,
        {{ ratio(days_between('order_totals.first_order_date', as_of_date()), 7) }}
            as age_weeks,
        coalesce(order_totals.active_month_count, 0) as active_month_count,
        {{ ratio(
            'order_totals.historic_net_amount', 'order_totals.valid_order_count'
        ) }} as average_order_amount,
        predictions.p_alive_probability,
        predictions.expected_order_count,
        predictions.expected_order_amount,
        margin_rates.margin_rate
        * predictions.expected_order_amount
        * predictions.discounted_order_count as predicted_clv_amount,
        coalesce(acquisition_costs.acquisition_cost_amount, 0)
            as acquisition_cost_amount,
        coalesce(operating_costs.operating_cost_amount, 0) as operating_cost_amount,
        {{ as_double('signals.wallet_share') }} as wallet_share,
        statuses.fit_status

    from customers
    cross join margin_rates
    cross join statuses
    left join order_totals on customers.customer_id = order_totals.customer_id
    left join predictions on customers.customer_id = predictions.customer_id
    left join acquisition_costs
        on customers.customer_id = acquisition_costs.customer_id
    left join operating_costs on customers.customer_id = operating_costs.customer_id
    left join signals on customers.customer_id = signals.customer_id

),

final as (

    select
        *,
        historic_margin_amount + predicted_clv_amount as total_clv_amount,
        historic_margin_amount - acquisition_cost_amount - operating_cost_amount
            as historic_profit_amount,
        historic_margin_amount + predicted_clv_amount
        - acquisition_cost_amount - operating_cost_amount as total_profit_amount

    from joined

)

select * from final
