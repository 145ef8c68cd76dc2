-- Grain: one row per fit date and distinct purchase history (repeat orders, recency,
-- age): what BG/NBD expects of all customers who have it.

with

histories as (

    select distinct
        fit_date,
        repeat_order_count,
        recency_days,
        age_days,
        {{ as_double('repeat_order_count') }} as x,
        {{ as_double('recency_days') }} / 7 as recency,
        {{ as_double('age_days') }} / 7 as age

    from {{ ref('int_purchase_histories') }}

),

fits as (

    select * from {{ ref('int_bg_nbd_fits') }}

    where fit_status in ('fitted', 'given')

),

orders_if_alive as (

    select * from {{ ref('int_orders_if_alive') }}

),

alive as (

    select
        histories.*,
        {{ bg_nbd_p_alive() }} as p_alive_probability

    from histories
    inner join fits on histories.fit_date = fits.fit_date

),

final as (

    select
        alive.fit_date,
        alive.repeat_order_count,
        alive.recency_days,
        alive.age_days,
        alive.p_alive_probability,
        alive.p_alive_probability * orders_if_alive.order_count_if_alive
            as expected_order_count,
        alive.p_alive_probability * orders_if_alive.discounted_count_if_alive
            as discounted_order_count

    from alive
    inner join orders_if_alive
        on
            alive.fit_date = orders_if_alive.fit_date
            and alive.repeat_order_count = orders_if_alive.repeat_order_count
            and alive.age_days = orders_if_alive.age_days

)

select * from final
