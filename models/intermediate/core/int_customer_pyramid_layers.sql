-- Grain: one row per snapshot date and customer who is worth anything then.
-- A cut takes the best share of the field and all who tie with its last one.

with

customer_values as (

    select
        customer_id,
        snapshot_date,
        monetary_amount

    from {{ ref('int_customer_rfm_values') }}

    where monetary_amount > 0

),

cuts as (

    select
        layer,
        cut_share,
        lag(cut_share, 1, cast(0 as decimal(9, 6))) over (order by cut_share)
            as previous_cut_share

    from {{ ref('pyramid_cuts') }}

),

layered as (

    {{ pyramid_layers('customer_values', ['snapshot_date']) }}

),

layers as (

    select
        customer_id,
        snapshot_date,
        monetary_amount,
        layer as pyramid_layer

    from layered

),

{% if var('pyramid_depth') == 2 -%}
layered_again as (

    {{ pyramid_layers('layers', ['snapshot_date', 'pyramid_layer']) }}

),

{% endif -%}
final as (

    select
        customer_id,
        snapshot_date,
        pyramid_layer,
        {{ 'layer' if var('pyramid_depth') == 2 else as_text('null') }}
            as pyramid_sublayer

    from {{ 'layered_again' if var('pyramid_depth') == 2 else 'layers' }}

)

select * from final
