-- Grain: one row per snapshot date, parent layer and layer; empty layers included.
-- Layers of one parent add up to it; never sum over parents or snapshot dates.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_restated',
    incremental_predicates=['snapshot_date >= snapshots_from'],
    on_schema_change='append_new_columns',
    post_hook='{{ sign() }}',
) }}

with

snapshots as (

    select * from {{ ref('int_restated_snapshots') }}

),

cuts as (

    select * from {{ ref('pyramid_cuts') }}

),

customer_values as (

    select * from {{ ref('int_customer_rfm_values') }}

),

pyramid_layers as (

    select * from {{ ref('int_customer_pyramid_layers') }}

),

layered as (

    select
        customer_values.snapshot_date,
        coalesce(pyramid_layers.pyramid_layer, 'no_value') as pyramid_layer,
        pyramid_layers.pyramid_sublayer,
        count(*) as customer_count,
        sum(customer_values.monetary_amount) as net_amount

    from customer_values
    left join pyramid_layers
        on
            customer_values.customer_id = pyramid_layers.customer_id
            and customer_values.snapshot_date = pyramid_layers.snapshot_date

    group by 1, 2, 3

),

slots as (

    select
        'all' as parent_layer,
        layer
    from cuts
    union all
    select
        'all' as parent_layer,
        'no_value' as layer
    {% if var('pyramid_depth') == 2 -%}
    union all
    select
        parents.layer as parent_layer,
        cuts.layer
    from cuts as parents
    cross join cuts
    {%- endif %}

),

filled as (

    select
        snapshots.snapshot_date,
        slots.parent_layer,
        slots.layer,
        coalesce(sum(layered.customer_count), 0) as customer_count,
        coalesce(sum(layered.net_amount), 0) as net_amount

    from snapshots
    cross join slots
    left join layered
        on
            snapshots.snapshot_date = layered.snapshot_date
            and (
                (
                    slots.parent_layer = 'all'
                    and slots.layer = layered.pyramid_layer
                )
                or (
                    slots.parent_layer = layered.pyramid_layer
                    and slots.layer = layered.pyramid_sublayer
                )
            )

    group by 1, 2, 3

),

final as (

    select
        snapshot_date,
        parent_layer,
        layer,
        cast(customer_count as bigint) as customer_count,
        {{ ratio(
            'customer_count',
            'sum(customer_count) over (partition by snapshot_date, parent_layer)'
        ) }} as customer_share,
        cast(net_amount as decimal(18, 2)) as net_amount,
        {{ ratio(
            'net_amount',
            'sum(net_amount) over (partition by snapshot_date, parent_layer)'
        ) }} as net_amount_share

    from filled

)

select * from final
