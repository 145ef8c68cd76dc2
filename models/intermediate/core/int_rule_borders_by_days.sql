-- Grain: one row per customer, condition and date on which the condition begins (+1) or
-- ceases (-1) to hold. For conditions on k distinct days.
-- "k days within the last W" holds from the k-th of k days until the first of them is W
-- days old. So one pass over a customer's days, with the day k - 1 back beside each,
-- finds every border; the days between two borders are never written.

with

occurrences as (

    select
        customer_id,
        behaviour,
        activity_date

    from {{ ref('int_behaviour_occurrences') }}

    where occurrence_count > 0

),

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

    select
        customer_id,
        behaviour,
        activity_date,
        lag(activity_date, 1) over customer_days as back_1,
        lag(activity_date, 2) over customer_days as back_2,
        lag(activity_date, 7) over customer_days as back_7,
        lag(activity_date, 8) over customer_days as back_8,
        lag(activity_date, 19) over customer_days as back_19,
        lag(activity_date, 20) over customer_days as back_20,
        lead(activity_date, 1) over customer_days as next_date

    from occurrences

    where behaviour in (select conditions.behaviour from conditions)

    window
        customer_days as (
            partition by customer_id, behaviour
            order by activity_date
        )

),

dated as (

    select
        neighbours.customer_id,
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
        customer_id,
        condition_id,
        activity_date as border_date,
        1 as step

    from holding

    where
        previously_held_until is null
        or previously_held_until < activity_date

    union all

    select
        customer_id,
        condition_id,
        holds_until as border_date,
        -1 as step

    from holding

    where
        next_date is null
        or next_date > holds_until

)

select * from final
