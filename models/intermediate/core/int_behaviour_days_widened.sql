-- Grain: one row per customer and date with any behaviour but logins and orders, the
-- behaviours side by side.

{{ config(
    materialized=stored(),
    incremental_strategy='replace_changed',
    incremental_predicates=['activity_date >= changes.changed_from'],
    post_hook='{{ sign() }}',
) }}

with

behaviour_days as (

    select
        behaviour_days.customer_key,
        behaviour_days.activity_date,
        behaviour_days.behaviour,
        behaviour_days.is_event,
        cast(behaviour_days.occurrence_count as integer) as occurrence_count

    from {{ ref('int_customer_behaviour_days') }} as behaviour_days
    inner join {{ ref('int_customer_changes') }} as changes
        on behaviour_days.customer_key = changes.customer_key

    where behaviour_days.activity_date >= changes.changed_from

),

-- A behaviour has one row a date: its highest count is its only one. Thirty counts of
-- millions of days have to fit into memory, and an integer takes a quarter of a sum.
final as (

    select
        customer_key,
        activity_date,
        {% for behaviour in counted_behaviours() -%}
        cast(
            max(
                case when behaviour = '{{ behaviour }}' then occurrence_count else 0 end
            ) as bigint
        ) as {{ behaviour }}_count,
        {% endfor -%}
        cast(sum(case when is_event then occurrence_count else 0 end) as bigint)
            as event_count

    from behaviour_days

    group by 1, 2

)

select * from final
