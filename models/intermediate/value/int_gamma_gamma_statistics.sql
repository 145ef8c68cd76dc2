-- Grain: one row per fit date, number of repeat orders x and mean amount of them: what
-- the likelihood of Gamma-Gamma is summed over. Rows without amount carry the terms
-- that depend on x alone and the sum of the logarithms of the amounts.
-- Beyond fit_max_rows distinct rows, amounts of nearly the same logarithm are one.

{%- set widths = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064] %}

with

purchase_histories as (

    select * from {{ ref('int_purchase_histories') }}

    where repeat_order_count > 0 and repeat_amount > 0

),

fittable as (

    select
        fit_date,

        -- Amounts are about 1, whatever the currency.
        {{ ratio('count(*)', sum_of_doubles('repeat_amount')) }} as units_per_amount

    from purchase_histories

    group by fit_date

    having count(*) >= {{ var('clv_min_repeat_customers') }}

),

amounts as (

    select
        purchase_histories.fit_date,
        purchase_histories.repeat_order_count,
        purchase_histories.repeat_amount * fittable.units_per_amount as amount,
        fittable.units_per_amount,
        count(*) as customer_count

    from purchase_histories
    inner join fittable on purchase_histories.fit_date = fittable.fit_date

    group by
        purchase_histories.fit_date,
        purchase_histories.repeat_order_count,
        purchase_histories.repeat_amount,
        fittable.units_per_amount

),

widths as (

    select {{ as_double(0) }} as bin_width

    {% for width in widths -%}
    union all
    select {{ as_double(width) }} as bin_width
    {% endfor %}

),

bins as (

    select
        amounts.fit_date,
        amounts.repeat_order_count,
        amounts.units_per_amount,
        widths.bin_width,
        sum(amounts.customer_count) as customer_count,
        {{ sum_of_doubles('amounts.customer_count * amounts.amount') }} as amount,
        {{ sum_of_doubles('amounts.customer_count * ln(amounts.amount)') }}
            as log_amount

    from amounts
    cross join widths

    group by
        amounts.fit_date,
        amounts.repeat_order_count,
        amounts.units_per_amount,
        widths.bin_width,
        case
            when widths.bin_width = 0 then amounts.amount
            else floor(ln(amounts.amount) / widths.bin_width)
        end

),

chosen_widths as (

    select
        fit_date,
        min(bin_width) as bin_width

    from (

        select
            fit_date,
            bin_width

        from bins

        group by fit_date, bin_width

        having
            count(*) <= {{ var('fit_max_rows') }} or bin_width = {{ widths | last }}

    ) as small_enough

    group by fit_date

),

chosen as (

    select bins.*

    from bins
    inner join chosen_widths
        on
            bins.fit_date = chosen_widths.fit_date
            and bins.bin_width = chosen_widths.bin_width

),

final as (

    select
        fit_date,
        {{ as_double('repeat_order_count') }} as x,
        {{ ratio('amount', 'customer_count') }} as amount,
        log_amount,
        {{ as_double('customer_count') }} as weight,
        units_per_amount

    from chosen

    union all

    select
        fit_date,
        {{ as_double('repeat_order_count') }} as x,
        null as amount,
        {{ sum_of_doubles('log_amount') }} as log_amount,
        {{ as_double('sum(customer_count)') }} as weight,
        units_per_amount

    from chosen

    group by fit_date, repeat_order_count, units_per_amount

)

select * from final
