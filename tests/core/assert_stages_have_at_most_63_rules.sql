-- int_customer_stage_points counts the open rules of a stage in one digit of base 64: a
-- stage with more rules would spill into the next stage.

select
    framework,
    stage_code,
    count(*) as rule_count

from {{ ref('stage_rules') }}

group by 1, 2

having count(*) > 63
