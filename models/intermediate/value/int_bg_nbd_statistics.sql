-- Grain: one row per fit date and kind of purchase history: what the likelihood of
-- BG/NBD is summed over. Rows without age carry the terms that depend on x alone.
-- Beyond fit_max_rows distinct histories, those of nearby days are one, at their mean:
-- days per bin double until there are few enough.

{%- set widths = [1, 2, 4, 8, 16, 32, 64, 128] %}

with

purchase_histories as (

    select * from {{ ref('int_purchase_histories') }}

),

fittable as (

    select
        fit_date,

        -- Time runs to 10, whatever the length of history.
        10.0 / max(age_days) as units_per_day

    from purchase_histories

    group by fit_date

    having
        sum(case when repeat_order_count > 0 then 1 else 0 end)
        >= {{ var('clv_min_repeat_customers') }}

),

histories as (

    select
        fit_date,
        repeat_order_count,
        recency_days,
        age_days,
        count(*) as customer_count

    from purchase_histories

    group by fit_date, repeat_order_count, recency_days, age_days

),

widths as (

    {% for width in widths -%}
    select {{ width }} as bin_days
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

bins as (

    select
        histories.fit_date,
        widths.bin_days,
        histories.repeat_order_count,
        sum(histories.customer_count) as customer_count,
        sum(histories.customer_count * histories.recency_days) as recency_days,
        sum(histories.customer_count * histories.age_days) as age_days

    from histories
    cross join widths

    group by
        histories.fit_date,
        widths.bin_days,
        histories.repeat_order_count,
        floor({{ as_double('histories.recency_days') }} / widths.bin_days),
        floor({{ as_double('histories.age_days') }} / widths.bin_days)

),

chosen_widths as (

    select
        fit_date,
        min(bin_days) as bin_days

    from (

        select
            fit_date,
            bin_days

        from bins

        group by fit_date, bin_days

        having
            count(*) <= {{ var('fit_max_rows') }} or bin_days = {{ widths | last }}

    ) as small_enough

    group by fit_date

),

chosen as (

    select
        bins.*,
        fittable.units_per_day

    from bins
    inner join chosen_widths
        on
            bins.fit_date = chosen_widths.fit_date
            and bins.bin_days = chosen_widths.bin_days
    inner join fittable on bins.fit_date = fittable.fit_date

),

final as (

    select
        fit_date,
        {{ as_double('repeat_order_count') }} as x,
        {{ ratio('recency_days', 'customer_count') }} * units_per_day as recency,
        {{ ratio('age_days', 'customer_count') }} * units_per_day as age,
        {{ as_double('customer_count') }} as weight,
        {{ as_double('units_per_day') }} as units_per_day

    from chosen

    union all

    select
        fit_date,
        {{ as_double('repeat_order_count') }} as x,
        null as recency,
        null as age,
        {{ as_double('sum(customer_count)') }} as weight,
        {{ as_double('units_per_day') }} as units_per_day

    from chosen

    group by fit_date, repeat_order_count, units_per_day

)

select * from final
