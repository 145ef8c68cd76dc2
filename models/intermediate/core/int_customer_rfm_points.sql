-- Grain: one row per snapshot date and customer who has ever ordered by then.

{%- set weights = var('rfm_weights') %}

with

customer_values as (

    select * from {{ ref('int_customer_rfm_values') }}

    where is_scored

),

breakpoints as (

    select * from {{ ref('int_rfm_breakpoints') }}

),

scored as (

    select
        customer_values.customer_id,
        customer_values.snapshot_date,
        {{ rfm_recency_score('customer_values.recency_days', 'breakpoints.recency') }}
            as recency_score,
        {{ rfm_score('customer_values.frequency_count', 'breakpoints.frequency') }}
            as frequency_score,
        {{ rfm_score('customer_values.monetary_amount', 'breakpoints.monetary') }}
            as monetary_score

    from customer_values
    inner join breakpoints
        on customer_values.snapshot_date = breakpoints.snapshot_date

),

final as (

    select
        customer_id,
        snapshot_date,
        recency_score,
        frequency_score,
        monetary_score,
        concat(recency_score, frequency_score, monetary_score) as rfm_cell,
        {{ rounded(
            '(' ~ weights[0] ~ ' * ' ~ as_double('recency_score') ~ ' + '
            ~ weights[1] ~ ' * frequency_score + '
            ~ weights[2] ~ ' * monetary_score) / ' ~ weights | sum
        ) }} as rfm_score

    from scored

)

select * from final
