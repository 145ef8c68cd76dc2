-- Grain: one row per segmentation, customer and date on which the highest segment whose
-- rules hold may change; segment is null where no rule holds.
-- How many rules of each segment hold is one number with a digit of base 64 per rank,
-- so that one running sum serves all segments of a segmentation at once: its highest
-- digit that is not 0 is the segment that shows. Seed tests keep the digits in bounds.

with

borders as (

    select * from {{ ref('int_rule_borders_by_days') }}
    union all
    select * from {{ ref('int_rule_borders_by_sums') }}

),

-- What began before the dates that are computed counts from the first of them on.
rule_borders as (

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

rules as (

    select
        *,
        -- Millions of points are sorted by it; a number sorts faster than a name.
        cast(dense_rank() over (order by segmentation) as integer) as segmentation_key,
        cast(power(64, segment_rank - 1) as bigint) as digit

    from {{ ref('int_segment_rules') }}

),

segments as (

    select distinct
        segmentation_key,
        segment,
        digit

    from rules

),

segmentations as (

    select distinct
        segmentation,
        segmentation_key

    from rules

),

steps as (

    select
        rules.segmentation_key,
        rule_borders.customer_key,
        rule_borders.border_date,
        cast(sum(rule_borders.step * rules.digit) as bigint) as step

    from rule_borders
    inner join rules on rule_borders.condition_id = rules.condition_id

    group by 1, 2, 3

    -- One rule begins as another of the same segment ends: nothing changes.
    having sum(rule_borders.step * rules.digit) <> 0

),

rules_holding as (

    select
        segmentation_key,
        customer_key,
        border_date,
        cast(sum(step) over (
            partition by segmentation_key, customer_key
            order by border_date
            rows between unbounded preceding and current row
        ) as bigint) as holding_count_digits

    from steps

),

final as (

    select
        segmentations.segmentation,
        rules_holding.customer_key,
        rules_holding.border_date as point_date,
        segments.segment

    from rules_holding
    inner join segmentations
        on rules_holding.segmentation_key = segmentations.segmentation_key
    left join segments
        on
            rules_holding.segmentation_key = segments.segmentation_key
            and rules_holding.holding_count_digits >= segments.digit
            and rules_holding.holding_count_digits < segments.digit * 64

)

select * from final
