-- Grain: one row per customer, condition and date on which the condition begins (+1) or
-- ceases (-1) to hold. For conditions on counts, amounts or any number of days.
-- Every occurrence adds its count, day and amount on its date and takes them back when
-- it leaves the window; running sums over these points are the state between them.

with

occurrences as (

    select * from {{ ref('int_rule_occurrences') }}

),

conditions as (

    select distinct
        condition_id,
        behaviour,
        min_count,
        min_days,
        window_days,
        min_amount

    from {{ ref('int_segment_rules') }}

    where not is_counted_in_days

),

entering as (

    select
        occurrences.customer_key,
        conditions.condition_id,
        occurrences.change_date,
        {{ add_days('occurrences.activity_date', 'conditions.window_days') }}
            as leaving_date,
        occurrences.occurrence_count,
        case when occurrences.occurrence_count > 0 then 1 else 0 end as day_count,
        occurrences.amount

    from occurrences
    inner join conditions on occurrences.behaviour = conditions.behaviour

    -- A refund after its order left the window changes nothing inside it.
    where
        occurrences.change_date
        < {{ add_days('occurrences.activity_date', 'conditions.window_days') }}

),

points as (

    select
        customer_key,
        condition_id,
        change_date as point_date,
        occurrence_count,
        day_count,
        amount

    from entering

    union all

    select
        customer_key,
        condition_id,
        leaving_date as point_date,
        -occurrence_count as occurrence_count,
        -day_count as day_count,
        -amount as amount

    from entering

),

points_by_date as (

    select
        customer_key,
        condition_id,
        point_date,
        sum(occurrence_count) as occurrence_count,
        sum(day_count) as day_count,
        sum(amount) as amount

    from points

    group by 1, 2, 3

),

running as (

    select
        customer_key,
        condition_id,
        point_date,
        sum(occurrence_count) over condition_history as occurrence_count,
        sum(day_count) over condition_history as day_count,
        sum(amount) over condition_history as amount

    from points_by_date

    window
        condition_history as (
            partition by customer_key, condition_id
            order by point_date
            rows between unbounded preceding and current row
        )

),

judged as (

    select
        running.customer_key,
        running.condition_id,
        running.point_date,
        case
            when
                running.occurrence_count >= conditions.min_count
                and running.day_count >= conditions.min_days
                and (
                    conditions.min_amount <= 0
                    or running.amount >= conditions.min_amount
                )
                then 1
            else 0
        end as holds

    from running
    inner join conditions on running.condition_id = conditions.condition_id

),

steps as (

    select
        customer_key,
        condition_id,
        point_date,
        holds - coalesce(
            lag(holds) over (
                partition by customer_key, condition_id
                order by point_date
            ), 0
        ) as step

    from judged

),

final as (

    select
        customer_key,
        condition_id,
        point_date as border_date,
        step

    from steps

    where step <> 0

)

select * from final
