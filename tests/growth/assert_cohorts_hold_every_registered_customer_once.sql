-- A customer lost between months or counted under two channels changes every K.

with

registrations as (

    select
        {{ month_start('registration_date') }} as cohort_month,
        count(*) as registered_count

    from {{ ref('int_customers') }}

    where registration_date is not null

    group by 1

),

cohorts as (

    select
        cohort_month,
        sum(case when channel = 'all' then registered_count else 0 end) as total_count,
        sum(case when channel <> 'all' then registered_count else 0 end)
            as channel_count

    from {{ ref('rpt_viral_growth') }}

    group by 1

)

select
    cohorts.*,
    registrations.registered_count

from cohorts
full outer join registrations on cohorts.cohort_month = registrations.cohort_month

where
    coalesce(cohorts.total_count, 0) <> coalesce(registrations.registered_count, 0)
    or coalesce(cohorts.channel_count, 0) <> coalesce(registrations.registered_count, 0)
