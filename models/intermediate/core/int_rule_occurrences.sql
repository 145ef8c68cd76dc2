-- Grain: one row per customer, behaviour, date of occurrence and date of change, of
-- customers whose spans are computed again: what a rule can still see on the first of
-- the dates that are computed, or later.

{{ config(materialized='view') }}

with

occurrences as (

    select * from {{ ref('int_behaviour_occurrences') }}

),

changes as (

    select * from {{ ref('int_customer_changes') }}

),

longest_windows as (

    select
        behaviour,
        max(window_days) as window_days

    from {{ ref('int_segment_rules') }}

    group by 1

),

final as (

    select occurrences.*

    from occurrences
    inner join changes on occurrences.customer_key = changes.customer_key
    inner join longest_windows on occurrences.behaviour = longest_windows.behaviour

    where
        {{ add_days('occurrences.activity_date', 'longest_windows.window_days') }}
        > changes.changed_from

)

select * from final
