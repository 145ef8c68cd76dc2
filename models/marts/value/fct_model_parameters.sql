-- Grain: one row per model, cohort month and parameter.
-- Only the retention model has cohorts; of the others the month is null.

{%- set curve = var('growth_curve_model') %}

with

bg_nbd as (

    select * from {{ ref('int_bg_nbd_fits') }}

    where fit_date = {{ as_of_date() }}

),

gamma_gamma as (

    select * from {{ ref('int_gamma_gamma_fits') }}

    where fit_date = {{ as_of_date() }}

),

sbg as (

    select * from {{ ref('int_sbg_fits') }}

),

growth_curves as (

    select * from {{ ref('int_growth_curve_fits') }}

),

parameters as (

    {% for parameter in ['r', 'alpha', 'a', 'b'] -%}
    select
        'bg_nbd' as model,
        cast(null as date) as cohort_month,
        '{{ parameter }}' as parameter,
        {{ parameter }} as value,
        log_likelihood,
        {{ as_double('null') }} as residual_sum_of_squares,
        customer_count as observation_count,
        round_count,
        is_converged,
        fit_status,
        {{ as_double('null') }} as frequency_amount_correlation

    from bg_nbd

    union all

    {% endfor -%}

    {%- for parameter in ['p', 'q', 'v'] -%}
    select
        'gamma_gamma' as model,
        null as cohort_month,
        '{{ parameter }}' as parameter,
        {{ parameter }} as value,
        log_likelihood,
        null as residual_sum_of_squares,
        customer_count as observation_count,
        round_count,
        is_converged,
        fit_status,
        frequency_amount_correlation

    from gamma_gamma

    union all

    {% endfor -%}

    {%- for parameter in ['alpha', 'beta'] -%}
    select
        'sbg' as model,
        cohort_month,
        '{{ parameter }}' as parameter,
        {{ parameter }} as value,
        log_likelihood,
        null as residual_sum_of_squares,
        cohort_customer_count as observation_count,
        round_count,
        is_converged,
        fit_status,
        null as frequency_amount_correlation

    from sbg

    union all

    {% endfor -%}

    {%- for parameter, value in growth_curve_published().items() -%}
    select
        '{{ curve }}' as model,
        null as cohort_month,
        '{{ parameter }}' as parameter,
        {{ value }} as value,
        null as log_likelihood,
        residual_sum_of_squares,
        period_count as observation_count,
        round_count,
        is_converged,
        fit_status,
        null as frequency_amount_correlation

    from growth_curves

    {{ 'union all' if not loop.last }}

    {% endfor %}

),

final as (

    select
        model,
        cohort_month,
        parameter,
        case when fit_status in ('fitted', 'given') then value end as value,
        case when fit_status = 'fitted' then log_likelihood end as log_likelihood,
        case when fit_status = 'fitted' then residual_sum_of_squares end
            as residual_sum_of_squares,
        cast(observation_count as bigint) as observation_count,
        cast(round_count as bigint) as round_count,
        coalesce(is_converged, false) as is_converged,
        fit_status,
        frequency_amount_correlation,
        coalesce(
            abs(frequency_amount_correlation) > {{ var('gg_max_correlation') }}, false
        ) as is_gg_correlated,
        {{ as_of_date() }} as as_of_date

    from parameters

)

select * from final
