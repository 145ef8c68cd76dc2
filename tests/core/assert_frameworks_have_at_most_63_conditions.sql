-- int_customer_stage_points keeps the conditions of a framework as the bits of one
-- number: of a 64th it could not tell whether it holds.

select
    framework,
    count(*) as condition_count

from (
    select distinct
        framework,
        behaviour,
        min_count,
        min_days,
        window_days,
        min_amount
    from {{ ref('stage_rules') }}
) as conditions

group by 1

having count(*) > 63
