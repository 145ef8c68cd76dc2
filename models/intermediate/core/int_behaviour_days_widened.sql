-- Grain: one row per customer and date with any behaviour but logins and orders, the
-- behaviours side by side.

with

behaviour_days as (

    select * from {{ ref('int_customer_behaviour_days') }}

),

final as (

    select
        customer_key,
        activity_date,
        {% for behaviour in counted_behaviours() -%}
        cast(
            sum(
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
