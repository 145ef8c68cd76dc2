-- Grain: one row per fit date, with or without buyers: the parameters of BG/NBD, in
-- weeks.

{%- set given = var('bgnbd_parameters') %}

with

fit_dates as (

    select * from {{ ref('int_fit_dates') }}

),

populations as (

    select
        fit_date,
        count(*) as customer_count

    from {{ ref('int_purchase_histories') }}

    group by 1

),

statistics as (

    select
        *,
        fit_date as problem

    from {{ ref('int_bg_nbd_statistics') }}

    {% if given -%}
    where false
    {%- endif %}

),

searched as (

    {{ maximised(
        bg_nbd_parameters(), bg_nbd_log_likelihood(), at_once=1
    ) }}

),

units as (

    select
        fit_date,
        max(units_per_day) as units_per_day,

        -- What the likelihood of the orders gains by a unit other than the day.
        sum(case when age is not null then weight * x end) as repeat_order_count

    from statistics

    group by 1

),

found as (

    select
        searched.problem as fit_date,
        searched.r,
        searched.alpha / units.units_per_day / 7 as alpha,
        searched.a,
        searched.b,
        searched.maximum
        + units.repeat_order_count * ln(7 * units.units_per_day) as log_likelihood,
        searched.round_count,
        searched.is_converged

    from searched
    inner join units on searched.problem = units.fit_date

),

final as (

    select
        fit_dates.fit_date,
        coalesce(populations.customer_count, 0) as customer_count,
        {% if given -%}
        {{ as_double(given['r']) }} as r,
        {{ as_double(given['alpha']) }} as alpha,
        {{ as_double(given['a']) }} as a,
        {{ as_double(given['b']) }} as b,
        {% else -%}
        found.r,
        found.alpha,
        found.a,
        found.b,
        {% endif -%}
        found.log_likelihood,
        found.round_count,
        found.is_converged,
        {{ fit_status('found.is_converged', given) }} as fit_status

    from fit_dates
    left join populations on fit_dates.fit_date = populations.fit_date
    left join found on fit_dates.fit_date = found.fit_date

)

select * from final
