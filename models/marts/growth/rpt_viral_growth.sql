-- Grain: one row per registration month and channel (and `all`), empty ones included.
-- Counts add up over months and over channels without `all`; rates never do.

with

dates as (

    select * from {{ ref('dim_dates') }}

),

cohort_months as (

    select distinct month_start_date as cohort_month from dates

),

channels as (

    select channel from {{ ref('int_customers') }}
    union distinct
    select 'all' as channel

),

cohorts as (

    select
        cohort_month,
        coalesce(channel, 'all') as channel,
        count(*) as registered_count,
        sum(case when invite_count > 0 then 1 else 0 end) as sharing_customer_count,
        sum(invite_count) as invite_count,
        sum(accepted_count) as accepted_count,
        sum(accepted_after_days) as accepted_after_days

    from {{ ref('int_customer_invitations') }}

    group by grouping sets ((cohort_month, channel), (cohort_month))

),

filled as (

    select
        cohort_months.cohort_month,
        channels.channel,
        cast(coalesce(cohorts.registered_count, 0) as bigint) as registered_count,
        cast(coalesce(cohorts.sharing_customer_count, 0) as bigint)
            as sharing_customer_count,
        cast(coalesce(cohorts.invite_count, 0) as bigint) as invite_count,
        cast(coalesce(cohorts.accepted_count, 0) as bigint) as accepted_count,
        cohorts.accepted_after_days,
        {{ add_days(
            month_end('cohort_months.cohort_month'), var('k_window_days')
        ) }} <= {{ as_of_date() }} as is_mature

    from cohort_months
    cross join channels
    left join cohorts
        on
            cohort_months.cohort_month = cohorts.cohort_month
            and channels.channel = cohorts.channel

),

-- Bases of an immature cohort are null, and with them every ratio over them.
with_bases as (

    select
        *,
        case when is_mature then nullif(registered_count, 0) end as registered_base,
        case when is_mature then nullif(sharing_customer_count, 0) end as sharer_base,
        case when is_mature then nullif(invite_count, 0) end as invite_base,
        case when is_mature then nullif(accepted_count, 0) end as accepted_base

    from filled

),

final as (

    select
        cohort_month,
        channel,
        registered_count,
        sharing_customer_count,
        invite_count,
        accepted_count,
        {{ ratio('sharing_customer_count', 'registered_base') }} as share_rate,
        {{ ratio('invite_count', 'sharer_base') }} as invites_per_sharer,
        {{ ratio('accepted_count', 'invite_base') }} as acceptance_rate,
        {{ ratio('accepted_count', 'registered_base') }} as k_factor,
        {{ ratio('accepted_after_days', 'accepted_base') }} as viral_cycle_days,
        is_mature

    from with_bases

)

select * from final
