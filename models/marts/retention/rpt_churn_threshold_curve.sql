-- Grain: one row per number of idle days that could be the threshold of churn.
-- Not additive: a long spell counts for every threshold it passes.

with

candidates as (

    select cast(generated_number as bigint) as idle_days

    from (
        {{ dbt.generate_series(var('threshold_max_days')) }}
    ) as numbers

    where {{ as_of_date() }} is not null

),

spells as (

    select * from {{ ref('int_churn_spells') }}

),

counted as (

    select
        candidates.idle_days,
        cast(coalesce(sum(spells.spell_count), 0) as bigint) as spell_count,
        cast(
            coalesce(
                sum(
                    case
                        when spells.first_returned_days <= candidates.idle_days
                            then spells.spell_count
                    end
                ), 0
            ) as bigint
        ) as returned_count

    from candidates
    left join spells on candidates.idle_days <= spells.last_idle_days

    group by 1

),

judged as (

    select
        *,
        spell_count >= {{ var('threshold_min_spells') }} as is_enough,

        -- Multiplied out, because a quotient would be rounded.
        returned_count
        < cast({{ var('threshold_return_probability') }} as decimal(18, 6))
        * spell_count as is_low

    from counted

),

final as (

    select
        idle_days,
        spell_count,
        returned_count,
        case when is_enough then {{ ratio('returned_count', 'spell_count') }} end
            as return_rate,
        coalesce(
            idle_days = min(case when is_enough and is_low then idle_days end) over (),
            false
        ) as is_recommended

    from judged

)

select * from final
