-- Grain: one row per fit date, with or without buyers: the parameters of Gamma-Gamma, v
-- in money.

{%- set given = var('gamma_gamma_parameters') %}

with

fit_dates as (

    select * from {{ ref('int_fit_dates') }}

),

populations as (

    -- The model takes amounts to be independent of frequency: the correlation says
    -- how far they are.
    select
        fit_date,
        count(*) as customer_count,
        case
            when
                min(repeat_order_count) < max(repeat_order_count)
                and min(repeat_amount) < max(repeat_amount)
                then corr({{ as_double('repeat_order_count') }}, repeat_amount)
        end as frequency_amount_correlation

    from {{ ref('int_purchase_histories') }}

    where repeat_order_count > 0 and repeat_amount > 0

    group by 1

),

statistics as (

    select
        *,
        fit_date as problem

    from {{ ref('int_gamma_gamma_statistics') }}

    {% if given -%}
    where false
    {%- endif %}

),

searched as (

    {{ maximised(
        gamma_gamma_parameters(), gamma_gamma_log_likelihood(), at_once=1
    ) }}

),

units as (

    select
        fit_date,
        max(units_per_amount) as units_per_amount,
        sum(case when amount is not null then weight end) as customer_count

    from statistics

    group by 1

),

found as (

    select
        searched.problem as fit_date,
        searched.p,
        searched.q,
        searched.v / units.units_per_amount as v,
        searched.maximum
        + units.customer_count * ln(units.units_per_amount) as log_likelihood,
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
        {{ as_double(given['p']) }} as p,
        {{ as_double(given['q']) }} as q,
        {{ as_double(given['v']) }} as v,
        {% else -%}
        found.p,
        found.q,
        found.v,
        {% endif -%}
        found.log_likelihood,
        found.round_count,
        found.is_converged,
        {{ fit_status('found.is_converged', given) }} as fit_status,
        populations.frequency_amount_correlation

    from fit_dates
    left join populations on fit_dates.fit_date = populations.fit_date
    left join found on fit_dates.fit_date = found.fit_date

)

select * from final
