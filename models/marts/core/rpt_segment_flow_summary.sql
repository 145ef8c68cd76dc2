-- Grain: one row per segmentation, pair of dates and segment.
-- start = stay + moved up + moved down + lost; the segment nobody is in yet (none,
-- unscored) is left by moving up and never lost or gained.

with

flows as (

    select * from {{ ref('rpt_segment_flows') }}

),

pairs as (

    select * from {{ ref('int_segment_flow_pairs') }}

),

segments as (

    select * from {{ ref('dim_segments') }}

),

-- Below every rank lies the segment of those who do not exist yet, whatever its own.
ranked_flows as (

    select
        flows.*,
        case
            when flows.from_segment = pairs.absent_segment then -1
            else from_segments.segment_rank
        end as from_rank,
        case
            when flows.to_segment = pairs.absent_segment then -1
            else to_segments.segment_rank
        end as to_rank

    from flows
    inner join pairs
        on
            flows.segmentation = pairs.segmentation
            and flows.date_from = pairs.date_from
            and flows.date_to = pairs.date_to
    inner join segments as from_segments
        on
            flows.segmentation = from_segments.segmentation
            and flows.from_segment = from_segments.segment
    inner join segments as to_segments
        on
            flows.segmentation = to_segments.segmentation
            and flows.to_segment = to_segments.segment

),

summed as (

    select
        pairs.segmentation,
        pairs.date_from,
        pairs.date_to,
        segments.segment,
        sum(
            case
                when
                    ranked_flows.from_segment = segments.segment
                    then ranked_flows.customer_count
                else 0
            end
        ) as start_count,
        sum(
            case
                when
                    ranked_flows.to_segment = segments.segment
                    then ranked_flows.customer_count
                else 0
            end
        ) as end_count,
        sum(
            case
                when
                    ranked_flows.from_segment = ranked_flows.to_segment
                    then ranked_flows.customer_count
                else 0
            end
        ) as stay_count,
        sum(
            case
                when
                    ranked_flows.from_segment = segments.segment
                    and ranked_flows.to_rank > ranked_flows.from_rank
                    then ranked_flows.customer_count
                else 0
            end
        ) as moved_up_count,
        sum(
            case
                when
                    ranked_flows.from_segment = segments.segment
                    and ranked_flows.to_rank < ranked_flows.from_rank
                    and ranked_flows.to_rank >= 0
                    then ranked_flows.customer_count
                else 0
            end
        ) as moved_down_count,
        sum(
            case
                when
                    ranked_flows.from_segment = segments.segment
                    and ranked_flows.from_rank >= 0
                    and ranked_flows.to_rank < 0
                    then ranked_flows.customer_count
                else 0
            end
        ) as lost_count,
        sum(
            case
                when
                    ranked_flows.to_segment = segments.segment
                    and ranked_flows.from_rank < 0
                    and ranked_flows.to_rank >= 0
                    then ranked_flows.customer_count
                else 0
            end
        ) as gained_count

    from pairs
    inner join segments on pairs.segmentation = segments.segmentation
    left join ranked_flows
        on
            pairs.segmentation = ranked_flows.segmentation
            and pairs.date_from = ranked_flows.date_from
            and pairs.date_to = ranked_flows.date_to
            and segments.segment
            in (ranked_flows.from_segment, ranked_flows.to_segment)

    group by 1, 2, 3, 4

),

final as (

    select
        segmentation,
        date_from,
        date_to,
        segment,
        cast(start_count as bigint) as start_count,
        cast(end_count as bigint) as end_count,
        cast(stay_count as bigint) as stay_count,
        cast(moved_up_count as bigint) as moved_up_count,
        cast(moved_down_count as bigint) as moved_down_count,
        cast(lost_count as bigint) as lost_count,
        cast(gained_count as bigint) as gained_count,
        {{ ratio('stay_count', 'start_count') }} as stay_rate

    from summed

)

select * from final
