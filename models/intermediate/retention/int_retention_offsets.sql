-- Grain: one row per period grain (day, week, month).

with

brackets as (

    select * from {{ ref('int_retention_brackets') }}

),

max_offsets as (

    select
        'day' as period_grain,
        {{ var('retention_max_offset')['day'] }} as max_offset

    union all

    select
        'week' as period_grain,
        {{ var('retention_max_offset')['week'] }} as max_offset

    union all

    select
        'month' as period_grain,
        {{ var('retention_max_offset')['month'] }} as max_offset

),

last_brackets as (

    select
        period_grain,
        max(bracket_to) as bracket_to

    from brackets

    group by 1

),

final as (

    select
        max_offsets.period_grain,
        max_offsets.max_offset,

        -- How far activity has to be followed: brackets may reach beyond the curve.
        case
            when last_brackets.bracket_to > max_offsets.max_offset
                then last_brackets.bracket_to
            else max_offsets.max_offset
        end as last_offset

    from max_offsets
    left join last_brackets on max_offsets.period_grain = last_brackets.period_grain

)

select * from final
