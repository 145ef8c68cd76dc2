-- Grain: one row per snapshot date, the end of an interval from the one before.
-- States and moves of overlapping windows: nothing adds up over dates.

{{ config(pre_hook="{{ check_fast_base_date() }}") }}

with

snapshots as (

    select * from {{ ref('int_fast_snapshots') }}

),

base_dates as (

    select
        coalesce(
            cast({{ text_literal(var('fast_base_date')) }} as date),
            min(case when fertility_weighted_count > 0 then snapshot_date end)
        ) as base_date,
        min(case when superiority_weighted_count > 0 then snapshot_date end)
            as first_super_user_date

    from snapshots

),

-- A base without super users would leave the index of Superiority empty for good: it
-- starts with the first of them.
bases as (

    select
        max(
            case
                when snapshots.snapshot_date = base_dates.base_date
                    then snapshots.fertility_weighted_count
            end
        ) as fertility_base,
        coalesce(
            nullif(
                max(
                    case
                        when snapshots.snapshot_date = base_dates.base_date
                            then snapshots.superiority_weighted_count
                    end
                ), 0
            ),
            max(
                case
                    when snapshots.snapshot_date = base_dates.first_super_user_date
                        then snapshots.superiority_weighted_count
                end
            )
        ) as superiority_base

    from snapshots
    cross join base_dates

),

final as (

    select
        snapshots.snapshot_date,
        snapshots.start_date,
        snapshots.fertility_count,
        snapshots.fertility_weighted_count,
        {{ ratio('100 * snapshots.fertility_weighted_count', 'bases.fertility_base') }}
            as fertility_index,
        case
            when snapshots.is_complete
                then
                    {{ ratio('snapshots.advanced_count', 'snapshots.start_count') }}
        end as advancing_rate,
        case
            when snapshots.is_complete
                then
                    snapshots.advanced_weighted_count
                    / nullif(snapshots.start_count, 0)
        end as advancing_weighted_rate,
        snapshots.superiority_count,
        snapshots.superiority_weighted_count,
        {{ ratio(
            '100 * snapshots.superiority_weighted_count', 'bases.superiority_base'
        ) }} as superiority_index,
        {{ ratio('snapshots.thriving_count', 'snapshots.superiority_count') }}
            as thriving_rate,
        snapshots.is_complete

    from snapshots
    cross join bases

)

select * from final
