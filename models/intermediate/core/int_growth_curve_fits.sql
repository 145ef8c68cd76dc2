-- Grain: one row per shop, none without customers: the curve through its number of
-- registered customers, by least squares.

{%- set parameters = growth_curve_parameters() %}
{#- The curves with a midpoint are searched from the middle of what was seen. #}
{%- set origin = 1 if 't0' in parameters else 0 %}
{%- set in_customers_and_periods = {
    'l': 'searched.l * scales.customers_per_unit',
    'k': 'searched.k / scales.periods_per_unit',
    't0': '(searched.t0 + ' ~ origin ~ ') * scales.periods_per_unit',
    'p': 'searched.p / scales.periods_per_unit',
    'q': 'searched.q / scales.periods_per_unit',
} %}

with

sizes as (

    select * from {{ ref('int_registered_sizes') }}

),

shops as (

    select count(*) as customer_count from {{ ref('int_customers') }}

),

-- The search wants numbers near 1: time runs from -1 to 1, or from 0 to 2.
scales as (

    select
        {{ as_double('max(cumulative_customer_count)') }} as customers_per_unit,
        {{ as_double('max(period_number)') }} / 2 as periods_per_unit,
        count(distinct nullif(cumulative_customer_count, 0)) as size_count,
        count(*) as period_count

    from sizes

),

statistics as (

    select
        1 as problem,
        sizes.period_number / scales.periods_per_unit - {{ origin }} as t,
        sizes.cumulative_customer_count / scales.customers_per_unit as y

    from sizes
    cross join scales

    -- A single number of customers lies on any curve.
    where
        scales.period_count >= {{ var('growth_min_periods') }}
        and scales.size_count > 1

),

-- Squares are added to twelve decimals: with the factor, to twenty-four.
searched as (

    {{ maximised(
        parameters,
        '-1000000000000 * power(statistics.y - '
        ~ growth_curve('candidate', 'statistics.t') ~ ', 2)',
        tolerance=1e-8
    ) }}

),

scaled as (

    select
        {% for name, value in in_customers_and_periods.items() -%}
        {{ value if name in parameters else as_double('null') }} as {{ name }},
        {% endfor -%}
        -searched.maximum / 1000000000000 * power(scales.customers_per_unit, 2)
            as residual_sum_of_squares,
        searched.round_count,
        searched.is_converged,
        scales.period_count

    from scales
    inner join shops on shops.customer_count > 0
    left join searched on searched.problem = 1

),

turned as (

    select
        *,
        {{ growth_curve_inflection() }} as inflection

    from scaled

),

judged as (

    -- What rises from 1 % to 99 % within a period is a step, as steep as you like.
    select
        *,
        case
            when period_count >= {{ var('growth_min_periods') }}
                then coalesce(is_converged and {{ growth_curve_rate() }} < 9.19, false)
        end as has_fit,
        {{ growth_curve_critical_point() }} as critical_point

    from turned

),

final as (

    select
        {% for name in in_customers_and_periods -%}
        {{ name }},
        {% endfor -%}
        inflection,
        critical_point,
        residual_sum_of_squares,
        period_count,
        round_count,
        has_fit as is_converged,
        -- The fit has six digits.
        coalesce(has_fit and inflection <= period_count - 1 + 0.000001, false)
            as is_identified,
        {{ fit_status('has_fit') }} as fit_status

    from judged

)

select * from final
