-- Grain: one row per segmentation, customer and date on which the highest segment whose
-- rules hold changes; segment is null where no rule holds.
-- Which conditions hold is one number with a bit per condition, a register, so that one
-- running sum serves all segmentations at once. Borders of a condition alternate (a
-- test holds them to that): a bit is 0 or 1, nothing is ever carried to the next one.

{% set ranks = range(9, 0, -1) -%}

with

borders as (

    select * from {{ ref('int_rule_borders_by_days') }}
    union all
    select * from {{ ref('int_rule_borders_by_sums') }}

),

-- What began before the dates that are computed counts from the first of them on.
condition_borders as (

    select
        borders.customer_key,
        borders.condition_id,
        borders.step,
        case
            when borders.border_date < changes.changed_from then changes.changed_from
            else borders.border_date
        end as border_date

    from borders
    inner join {{ ref('int_customer_changes') }} as changes
        on borders.customer_key = changes.customer_key

),

-- A number has 63 bits. Should all rules ask for more conditions, every segmentation
-- has a register of its own.
rules as (

    select
        *,
        case
            when max(condition_id) over () <= 63 then 0
            else dense_rank() over (order by segmentation)
        end as register

    from {{ ref('int_segment_rules') }}

),

rule_bits as (

    select
        *,
        cast(power(2, dense_rank() over (
            partition by register
            order by condition_id
        ) - 1) as bigint) as condition_bit

    from rules

),

condition_bits as (

    select distinct
        register,
        condition_id,
        condition_bit

    from rule_bits

),

segmentations as (

    select
        register,
        {% for rank in ranks -%}
        cast(sum(
            case when segment_rank = {{ rank }} then condition_bit else 0 end
        ) as bigint) as bits_of_rank_{{ rank }},
        {% endfor -%}
        segmentation

    from rule_bits

    group by register, segmentation

),

segments as (

    select distinct
        segmentation,
        segment_rank,
        segment

    from rules

),

steps as (

    select
        condition_bits.register,
        condition_borders.customer_key,
        condition_borders.border_date,
        cast(sum(condition_borders.step * condition_bits.condition_bit) as bigint)
            as step

    from condition_borders
    inner join condition_bits
        on condition_borders.condition_id = condition_bits.condition_id

    group by
        condition_bits.register,
        condition_borders.customer_key,
        condition_borders.border_date

),

sums as (

    select
        register,
        customer_key,
        border_date,
        step,
        cast(sum(step) over (
            partition by register, customer_key
            order by border_date
            rows between unbounded preceding and current row
        ) as bigint) as holding_bits

    from steps

),

registers as (

    select
        *,
        holding_bits - step as previous_bits

    from sums

),

ranked as (

    select
        segmentations.segmentation,
        registers.customer_key,
        registers.border_date,
        case
            {% for rank in ranks -%}
            when registers.holding_bits & segmentations.bits_of_rank_{{ rank }} <> 0
                then {{ rank }}
            {% endfor -%}
            else 0
        end as segment_rank,
        case
            {% for rank in ranks -%}
            when registers.previous_bits & segmentations.bits_of_rank_{{ rank }} <> 0
                then {{ rank }}
            {% endfor -%}
            else 0
        end as previous_rank

    from registers
    inner join segmentations on registers.register = segmentations.register

),

final as (

    select
        ranked.segmentation,
        ranked.customer_key,
        ranked.border_date as point_date,
        segments.segment

    from ranked
    left join segments
        on
            ranked.segmentation = segments.segmentation
            and ranked.segment_rank = segments.segment_rank

    where ranked.segment_rank <> ranked.previous_rank

)

select * from final
