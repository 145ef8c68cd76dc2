-- Grain: one row per customer, condition and date on which the condition begins (+1) or
-- ceases (-1) to hold. For conditions on k distinct days.
-- "k days within the last W" holds from the k-th of k days until the first of them is W
-- days old. So one pass over a customer's days, with the day k - 1 back beside each,
-- finds every border; the days between two borders are never written.

{# Days back that the rules look; logins alone are asked for more than two days. #}
{% set lookbacks = {'login': [1, 2, 7, 8, 19, 20]} -%}
{% set longest_lookback = lookbacks.login -%}

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

-- What the rules can see of the four behaviours that most days have: read once, and
-- each sorted by itself, without the text that tells it from the others.
everyday_days as (

    select
        {% for behaviour in everyday_behaviours() -%}
        behaviours.{{ behaviour }}_count > 0 as is_{{ behaviour }},
        {% endfor -%}
        behaviours.customer_key,
        behaviours.activity_date

    from {{ ref('int_everyday_behaviours') }} as behaviours
    inner join {{ ref('int_customer_changes') }} as changes
        on behaviours.customer_key = changes.customer_key

    where
        {{ add_days(
            'behaviours.activity_date',
            '(
                select max(conditions.window_days)
                from conditions
                where conditions.behaviour in ('
                ~ quoted_list(everyday_behaviours()) ~ ')
            )'
        ) }} > changes.changed_from

),

other_days as (

    select
        customer_key,
        behaviour,
        activity_date

    from {{ ref('int_rule_occurrences') }}

    where
        occurrence_count > 0
        and behaviour in (select conditions.behaviour from conditions)
        and behaviour not in ({{ quoted_list(everyday_behaviours()) }})

),

-- A customer has one row per behaviour and date, so the order is a unique one.
neighbours as (

    {% for behaviour in everyday_behaviours() + ['any_other'] -%}
    {% set is_other = behaviour == 'any_other' -%}
    select
        customer_key,
        {{ 'behaviour' if is_other else "'" ~ behaviour ~ "' as behaviour" }},
        activity_date,
        {% for days in longest_lookback -%}
        {% if days in lookbacks.get(behaviour, [1, 2]) -%}
        lag(activity_date, {{ days }}) over {{ behaviour }}_days as back_{{ days }},
        {% else -%}
        cast(null as date) as back_{{ days }},
        {% endif -%}
        {%- endfor -%}
        lead(activity_date, 1) over {{ behaviour }}_days as next_date
    from {{ 'other_days' if is_other else 'everyday_days' }}
    {{ '' if is_other else 'where is_' ~ behaviour }}
    window
        {{ behaviour }}_days as (
            partition by {{ 'behaviour,' if is_other }} customer_key
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

-- Most days change nothing, and go before anything is made of them.
bordering as (

    select * from dated

    where
        holds_until > activity_date
        and (
            previously_held_until is null
            or previously_held_until < activity_date
            or next_date is null
            or next_date > holds_until
        )

),

final as (

    select
        customer_key,
        condition_id,
        activity_date as border_date,
        1 as step

    from bordering

    where
        previously_held_until is null
        or previously_held_until < activity_date

    union all

    select
        customer_key,
        condition_id,
        holds_until as border_date,
        -1 as step

    from bordering

    where
        next_date is null
        or next_date > holds_until

)

select * from final
