-- Grain: one row per customer, condition and date on which the condition begins (+1) or
-- ceases (-1) to hold. For conditions on k distinct days.
-- "k days within the last W" holds from the k-th of k days until the first of them is W
-- days old. So one pass over a customer's days, with the day k - 1 back beside each,
-- finds every border; the days between two borders are never written.

{# Days back that the rules of a behaviour look. Who does the first four does them on
most of her days; a window of their own spares each of them the sort by behaviour. #}
{% set lookbacks = {
    'exposure': [1, 2],
    'browse': [1, 2],
    'churn_activity': [1, 2],
    'login': [1, 2, 7, 8, 19, 20],
    'any_other': [1, 2],
} -%}

with

conditions as (

    select distinct
        condition_id,
        behaviour,
        min_days,
        window_days

    from {{ ref('int_segment_rules') }}

    where is_counted_in_days

),

-- The grain of occurrences makes the order by a unique one.
neighbours as (

    {% for behaviour, lookback in lookbacks.items() -%}
    select
        customer_key,
        behaviour,
        activity_date,
        {% for days in [1, 2, 7, 8, 19, 20] -%}
        {% if days in lookback -%}
        lag(activity_date, {{ days }}) over {{ behaviour }}_days as back_{{ days }},
        {% else -%}
        cast(null as date) as back_{{ days }},
        {% endif -%}
        {%- endfor -%}
        lead(activity_date, 1) over {{ behaviour }}_days as next_date
    from {{ ref('int_rule_occurrences') }}
    where
        occurrence_count > 0
        and behaviour in (select conditions.behaviour from conditions)
        {% if behaviour == 'any_other' -%}
        and behaviour not in ({{ quoted_list(lookbacks) }})
        {%- else -%}
        and behaviour = '{{ behaviour }}'
        {%- endif %}
    window
        {{ behaviour }}_days as (
            partition by {{ 'behaviour,' if behaviour == 'any_other' }} customer_key
            order by activity_date
        )
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

dated as (

    select
        neighbours.customer_key,
        conditions.condition_id,
        neighbours.activity_date,
        neighbours.next_date,
        {{ add_days(
            'case conditions.min_days
                when 1 then neighbours.activity_date
                when 2 then neighbours.back_1
                when 8 then neighbours.back_7
                when 20 then neighbours.back_19
            end', 'conditions.window_days'
        ) }} as holds_until,
        {{ add_days(
            'case conditions.min_days
                when 1 then neighbours.back_1
                when 2 then neighbours.back_2
                when 8 then neighbours.back_8
                when 20 then neighbours.back_20
            end', 'conditions.window_days'
        ) }} as previously_held_until

    from neighbours
    inner join conditions on neighbours.behaviour = conditions.behaviour

),

holding as (

    select * from dated

    where holds_until > activity_date

),

final as (

    select
        customer_key,
        condition_id,
        activity_date as border_date,
        1 as step

    from holding

    where
        previously_held_until is null
        or previously_held_until < activity_date

    union all

    select
        customer_key,
        condition_id,
        holds_until as border_date,
        -1 as step

    from holding

    where
        next_date is null
        or next_date > holds_until

)

select * from final
