-- Grain: one row per account that belongs to the customer of an earlier account.
-- Accounts that share an identifier are one customer, over any number of steps.

{#- Each round leaves half of the names of a chain: enough for 50,000 accounts. -#}
{% set rounds = 16 -%}

{{ config(materialized='table') }}

with

links as (

    select
        user_id,
        registered_at,
        concat(id_type, identifier_hash) as identifier

    from {{ ref('stg_shop__account_identifiers') }}

    where account_count between 2 and {{ var('stitch_max_accounts') }}

),

-- Groups of accounts have names. In a round each group takes the smallest hash of a
-- name among its own and those of the groups it touches, so that groups which choose
-- alike become one. Hashes deal the names anew each time: what touches a group is
-- never in an order that would let it wait.
round_0 as (

    select
        *,
        md5(user_id) as group_name

    from links

),

{% for number in range(1, rounds + 1) -%}
touched_{{ number }} as {{ computed_once() }} (

    select
        *,
        min(md5(group_name)) over (partition by identifier) as touched_name

    from round_{{ number - 1 }}

),

round_{{ number }} as {{ computed_once() }} (

    select
        user_id,
        registered_at,
        identifier,
        min(touched_name) over (partition by group_name) as group_name

    from touched_{{ number }}

),

{% endfor -%}
members as (

    select distinct
        user_id,
        registered_at,
        group_name

    from round_{{ rounds }}

),

named as (

    select
        user_id,
        first_value(user_id) over first_registered as customer_id,
        first_value(registered_at) over first_registered as customer_registered_at

    from members

    window
        -- user_id breaks the tie of two registrations in one instant.
        first_registered as (
            partition by group_name
            order by registered_at, user_id
        )

),

final as (

    select * from named

    where user_id <> customer_id

)

select * from final
