-- Grain: one row per segmentation and customer who has a segment in it at the as-of
-- date; channel and first-order month (of buyers) are segmentations too.

{#- segmentation: column of labelled. #}
{%- set segmentations = {
    'AIPL': 'aipl_stage',
    'AIPLA': 'aipla_stage',
    '4A': 'stage_4a',
    '5A': 'stage_5a',
    '5R': 'stage_5r',
    'JOURNEY': 'journey_stage',
    'churn_status': 'churn_status',
    'channel': 'channel',
    'first_order_month': 'first_order_month',
} %}
{%- for segmentation in snapshot_segmentations() -%}
{%- do segmentations.update({segmentation: segmentation}) -%}
{%- endfor %}

with

customers as (

    select * from {{ ref('dim_customers') }}

),

first_orders as (

    select
        customer_id,
        left({{ as_text('order_date') }}, 7) as first_order_month

    from {{ ref('fct_orders') }}

    where is_first_valid_order

),

labelled as (

    select
        customers.*,
        first_orders.first_order_month

    from customers
    left join first_orders on customers.customer_id = first_orders.customer_id

),

final as (

    {% for segmentation, column in segmentations.items() -%}
    select
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ column }} as segment

    from labelled

    where {{ column }} is not null

    {{ 'union all' if not loop.last }}

    {% endfor %}

)

select * from final
