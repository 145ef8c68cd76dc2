-- With two stages on one rank, or one on two, "the highest stage" is left to chance.

with

stages as (

    select distinct
        framework,
        stage_code,
        stage_rank

    from {{ ref('stage_rules') }}

)

select
    framework,
    stage_code as repeated

from stages

group by 1, 2

having count(*) > 1

union all

select
    framework,
    {{ as_text('stage_rank') }} as repeated

from stages

group by 1, 2

having count(*) > 1
