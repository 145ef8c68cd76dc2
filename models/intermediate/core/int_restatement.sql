-- Grain: one row, always: the dates from which this build counts and measures again
-- what concerns all customers; in a build from empty the first of all dates.
-- periods_from: of what changes, the week in which the first month that differs begins.
-- snapshots_from: the date since which the first difference is known. A refund of an
-- old order changes old days, and no old snapshot.

with

differences as (

    select
        changed_from,
        known_from_date

    from {{ ref('int_customer_changes') }}

    union all

    -- No build before has seen this date whole.
    select
        as_of_date as changed_from,
        as_of_date as known_from_date

    from {{ ref('stg_shop__clock') }}

),

final as (

    select
        case
            when min(changed_from) > {{ first_date() }}
                then {{ add_days(month_start('min(changed_from)'), -6) }}
            else {{ first_date() }}
        end as periods_from,
        coalesce(min(known_from_date), {{ first_date() }}) as snapshots_from

    from differences

)

select * from final
