-- Grain: one row per segmentation, customer and date on which the highest segment whose
-- rules hold may change; segment is null where no rule holds.

with

rule_borders as (

    select * from {{ ref('int_rule_borders_by_days') }}
    union all
    select * from {{ ref('int_rule_borders_by_sums') }}

),

rules as (

    select * from {{ ref('int_segment_rules') }}

),

segments as (

    select distinct
        segmentation,
        segment,
        segment_rank,
        cast(power(2, segment_rank) as bigint) as segment_bit

    from rules

),

segment_steps as (

    select
        rules.segmentation,
        rules.segment,
        rule_borders.customer_id,
        rule_borders.border_date,
        sum(rule_borders.step) as step

    from rule_borders
    inner join rules on rule_borders.condition_id = rules.condition_id

    group by 1, 2, 3, 4

),

rules_holding as (

    select
        *,
        sum(step) over (
            partition by segmentation, segment, customer_id
            order by border_date
            rows between unbounded preceding and current row
        ) as holding_count

    from segment_steps

),

-- Rules of one segment are alternatives: it is open while any of them holds.
segment_borders as (

    select
        rules_holding.segmentation,
        rules_holding.customer_id,
        rules_holding.border_date,
        case
            when rules_holding.holding_count = 0 then -segments.segment_bit
            when rules_holding.holding_count = rules_holding.step
                then segments.segment_bit
            else 0
        end as bit_step

    from rules_holding
    inner join segments
        on
            rules_holding.segmentation = segments.segmentation
            and rules_holding.segment = segments.segment

    where rules_holding.step <> 0

),

border_dates as (

    select
        segmentation,
        customer_id,
        border_date,
        sum(bit_step) as bit_step

    from segment_borders

    group by 1, 2, 3

    having sum(bit_step) <> 0

),

open_segments as (

    select
        segmentation,
        customer_id,
        border_date,
        sum(bit_step) over (
            partition by segmentation, customer_id
            order by border_date
            rows between unbounded preceding and current row
        ) as open_bits

    from border_dates

),

final as (

    -- One bit per open segment; the highest bit is the segment that shows.
    select
        open_segments.segmentation,
        open_segments.customer_id,
        open_segments.border_date as point_date,
        segments.segment

    from open_segments
    left join segments
        on
            open_segments.segmentation = segments.segmentation
            and open_segments.open_bits >= segments.segment_bit
            and open_segments.open_bits < 2 * segments.segment_bit

)

select * from final
