-- Grain: one row per fit date, number of repeat orders and age: what BG/NBD expects of
-- a customer who has not left. When he bought last tells only whether he has, so the
-- integrals are taken once for everybody of an age.

{%- set discount = '(1 + ' ~ monthly_discount_rate() ~ ')' %}
{%- set months = var('clv_horizon_months') %}

with

ages as (

    select distinct
        fit_date,
        repeat_order_count,
        age_days,
        {{ as_double('repeat_order_count') }} as x,
        {{ as_double('age_days') }} / 7 as age

    from {{ ref('int_purchase_histories') }}

),

fits as (

    select * from {{ ref('int_bg_nbd_fits') }}

    where fit_status in ('fitted', 'given')

),

months as (

    {{ dbt.generate_series(months) }}

),

-- From the as-of date month by month; from the date of the back-test up to what is
-- known now. An order expected in month i is worth the discount of i months: as a sum
-- over what is expected up to each month, less the discount of the next.
horizons as (

    select
        fits.*,
        months.generated_number = {{ months }} as is_last,
        months.generated_number * {{ as_double(var('clv_weeks_per_month')) }} as weeks,
        power({{ discount }}, -months.generated_number)
        - case
            when months.generated_number = {{ months }} then 0
            else power({{ discount }}, -months.generated_number - 1)
        end as discount_weight

    from fits
    cross join months

    where fits.fit_date = {{ as_of_date() }}

    union all

    select
        fits.*,
        true as is_last,
        {{ ratio(days_between('fit_date', as_of_date()), 7) }} as weeks,
        0 as discount_weight

    from fits

    where fits.fit_date < {{ as_of_date() }}

),

prepared as {{ computed_once() }} (

    select
        ages.*,
        horizons.is_last,
        horizons.discount_weight,
        horizons.a,
        horizons.r + ages.x as r_and_x,
        horizons.b + ages.x as b_and_x,
        horizons.weeks / (horizons.alpha + ages.age) as weeks_ratio

    from ages
    inner join horizons on ages.fit_date = horizons.fit_date

),

spread as {{ computed_once() }} (

    select
        *,
        {{ bg_nbd_mean_columns() }}

    from prepared

),

expected as (

    select
        *,
        {{ bg_nbd_orders_if_alive() }} as order_count_if_alive

    from spread

),

final as (

    select
        fit_date,
        repeat_order_count,
        age_days,
        max(case when is_last then order_count_if_alive end) as order_count_if_alive,
        {{ sum_of_doubles('discount_weight * order_count_if_alive') }}
            as discounted_count_if_alive

    from expected

    group by 1, 2, 3

)

select * from final
