-- A wrong exponent or sign promises customers who never come: the formula must give the
-- table of the worked example (10,000 seeds, K 1.3, a cycle of 4 days) and its limits.

{{ config(tags=['growth']) }}

with

examples as (

    select
        {{ as_double('seed_count') }} as seed_count,
        {{ as_double('k_factor') }} as k_factor,
        cycle_days,
        day_number,
        {{ as_double('expected_count') }} as expected_count

    from (
        values
        (10000, 1.3, 4, 0, 10000),
        (10000, 1.3, 4, 2, 16074.27),
        (10000, 1.3, 4, 4, 23000),
        (10000, 1.3, 4, 8, 39900),
        (10000, 1.3, 4, 12, 61870),
        (10000, 1.3, 4, 16, 90431),
        (10000, 1.3, 4, 20, 127560.3),
        (10000, 1.3, 4, 24, 175828.39),
        (10000, 1.3, 4, 28, 238576.907),

        -- K 0.5 ends at seeds / (1 - K); K 1 adds the seeds again in every cycle.
        (100, 0.5, 4, 3650, 200),
        (100, 1, 4, 8, 300),
        (100, 1.0000000001, 4, 8, 300),

        -- Nothing spreads in no time, without a cycle, or beyond the range of a double.
        (100, 1.3, 0, 8, null),
        (100, 0, null, 8, null),
        (1, 10, 1, 304, null)
    ) as given (seed_count, k_factor, cycle_days, day_number, expected_count)

),

computed as (

    select
        *,
        {{ viral_total('seed_count', 'k_factor', 'cycle_days', 'day_number') }}
            as total_count

    from examples

)

select * from computed

where
    (total_count is null) <> (expected_count is null)
    or abs(total_count - expected_count) > 0.005
