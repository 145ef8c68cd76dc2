-- A misspelt behaviour never occurs: its stage would be empty without anybody noticing.

{% set customer_days = ref('fct_customer_days') -%}
{% set columns = adapter.get_columns_in_relation(customer_days) | map(attribute='name')
    if execute else [] -%}

with

event_names as (

    select event_name

    from {{ ref('stg_shop__events') }}

    union all

    -- An event with the name of another behaviour is asked for by this prefix.
    select concat('event:', event_name) as event_name

    from {{ ref('stg_shop__events') }}

)

select *

from {{ ref('stage_rules') }}

where
    behaviour <> 'order'
    and (
        concat(behaviour, '_count') not in ({{ quoted_list(columns) }})
        or behaviour in ('event', 'valid_order')
    )
    and behaviour not in (select event_names.event_name from event_names)
