-- A wrong exponent or sign promises customers who never come: the formula must give the
-- table of the worked example (10,000 seeds, K 1.3, a cycle of 4 days) and its limits.

{{ config(tags=["growth"]) }}

with

examples as (

    select 10000 as seeds, 1.3 as k, 4 as cycle, 0 as t, 10000.0 as expected
    union all
    select 10000, 1.3, 4, 2, 16074.27
    union all
    select 10000, 1.3, 4, 4, 23000.0
    union all
    select 10000, 1.3, 4, 8, 39900.0
    union all
    select 10000, 1.3, 4, 12, 61870.0
    union all
    select 10000, 1.3, 4, 16, 90431.0
    union all
    select 10000, 1.3, 4, 20, 127560.3
    union all
    select 10000, 1.3, 4, 24, 175828.39
    union all
    select 10000, 1.3, 4, 28, 238576.907
    union all

    -- K 0.5 ends at seeds / (1 - K); K 1 adds the seeds again in every cycle.
    select 100, 0.5, 4, 3650, 200.0
    union all
    select 100, 1.0, 4, 8, 300.0
    union all
    select 100, 1.0000000001, 4, 8, 300.0
    union all
    select 100, 0.0, 4, 8, null
    union all

    -- Beyond e to the 700 there is no number; nothing spreads in no time.
    select 1, 10.0, 1, 304, null
    union all
    select 100, 1.3, 0, 8, null
    union all
    select 100, 1.3, null, 8, null

),

computed as (

    select
        *,
        {{ viral_total('cast(seeds as double)', 'cast(k as double)', 'cycle', 't') }}
            as total

    from examples

)

select * from computed

where
    (total is null) <> (expected is null)
    or abs(total - expected) > 0.005
