-- An index that is nowhere 100 has lost its base: its trend is of nothing. The base is
-- fast_base_date, else the first date with anybody; without super users then, the first
-- date with some.

with

snapshots as (

    select * from {{ ref('rpt_fast_index') }}

),

fertility_base as (

    select
        coalesce(
            cast({{ text_literal(var('fast_base_date')) }} as date), min(snapshot_date)
        ) as base_date

    from snapshots

    where fertility_weighted_count > 0

),

superiority_base as (

    select
        coalesce(
            min(
                case
                    when snapshots.snapshot_date = fertility_base.base_date
                        then snapshots.snapshot_date
                end
            ),
            min(snapshots.snapshot_date)
        ) as base_date

    from snapshots
    cross join fertility_base

    where snapshots.superiority_weighted_count > 0

)

select snapshots.*

from snapshots
cross join fertility_base
cross join superiority_base

where
    (
        snapshots.snapshot_date = fertility_base.base_date
        and snapshots.fertility_weighted_count > 0
        and coalesce(snapshots.fertility_index, 0) <> 100
    )
    or (
        snapshots.snapshot_date = superiority_base.base_date
        and coalesce(snapshots.superiority_index, 0) <> 100
    )
