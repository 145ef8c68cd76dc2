-- Grain: one row per date and number of days until a customer's next activity day,
-- 30 standing for 30, more or never.
-- Customers add up over the gaps of a date, never over dates.

with

activity_days as (

    select
        customer_key,
        activity_date

    from {{ ref('int_customer_days') }}

    where is_activity_day

),

followed as (

    select
        activity_date,
        lead(activity_date) over (
            partition by customer_key
            order by activity_date
        ) as next_activity_date

    from activity_days

),

gaps as (

    select
        activity_date,
        {{ days_between('activity_date', 'next_activity_date') }} as gap_days

    from followed

),

final as (

    select
        activity_date,
        case when gap_days < 30 then gap_days else 30 end as gap_days,
        cast(count(*) as bigint) as customer_count

    from gaps

    group by 1, 2

)

select * from final
