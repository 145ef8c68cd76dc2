-- Grain: one row per pair of dates between which AIPL flows are measured.
-- Pairs overlap: never sum over them.

with

flows as (

    select * from {{ ref('rpt_segment_flows') }}

    where segmentation = 'AIPL'

),

stages as (

    select
        segments.segment,
        segments.segment_rank,
        fast_weights.weight

    from {{ ref('dim_segments') }} as segments
    inner join {{ ref('fast_weights') }} as fast_weights
        on segments.segment = fast_weights.stage_code

    where segments.segmentation = 'AIPL'

),

longest_climb as (

    select
        max(case when segment = 'L' then weight end)
        - max(case when segment = 'A' then weight end) as weight_gain

    from stages

),

-- Without a stage at the start there is nothing to advance from; whoever leaves to
-- `none` was there at the start all the same.
moves as (

    select
        flows.date_from,
        flows.date_to,
        flows.customer_count,
        coalesce(end_stages.segment_rank > start_stages.segment_rank, false)
            as is_advance,
        end_stages.weight - start_stages.weight as weight_gain

    from flows
    inner join stages as start_stages on flows.from_segment = start_stages.segment
    left join stages as end_stages on flows.to_segment = end_stages.segment

),

final as (

    select
        moves.date_from as start_date,
        moves.date_to as snapshot_date,
        cast(sum(moves.customer_count) as bigint) as start_count,
        cast(
            sum(case when moves.is_advance then moves.customer_count else 0 end)
            as bigint
        ) as advanced_count,
        cast(
            sum(
                case
                    when moves.is_advance
                        then moves.customer_count * moves.weight_gain
                    else 0
                end
            ) as {{ engine_type('double') }}
        ) / nullif(max(longest_climb.weight_gain), 0) as advanced_weighted_count

    from moves
    cross join longest_climb

    group by 1, 2

)

select * from final
