-- Grain: one row per calendar month and channel (and `all`, `paid`), zeros included.
-- Sums add up over months and over channels without `all` and `paid`; ratios never do.

with

months as (

    select distinct
        month_start_date,
        is_complete_month as is_complete

    from {{ ref('dim_dates') }}

),

channel_days as (

    select * from {{ ref('int_channel_days') }}

),

channels as (

    select channel from channel_days
    union distinct
    select 'all' as channel
    union distinct
    select 'paid' as channel

),

channel_months as (

    select
        {{ month_start('date_day') }} as month_start_date,
        channel,
        sum(spend_amount) as spend_amount,
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(registered_count) as registered_count,
        sum(new_buyer_count) as new_buyer_count

    from channel_days

    group by 1, 2

),

-- A channel is in `all` always, and in `paid` in the months that paid for it.
memberships as (

    select
        *,
        channel as reported_channel

    from channel_months

    union all

    select
        *,
        'all' as reported_channel

    from channel_months

    union all

    select
        *,
        'paid' as reported_channel

    from channel_months

    where spend_amount > 0

),

totals as (

    select
        months.month_start_date,
        channels.channel,
        months.is_complete,
        cast(coalesce(sum(memberships.spend_amount), 0) as decimal(18, 2))
            as spend_amount,
        cast(coalesce(sum(memberships.impression_count), 0) as bigint)
            as impression_count,
        cast(coalesce(sum(memberships.click_count), 0) as bigint) as click_count,
        cast(coalesce(sum(memberships.registered_count), 0) as bigint)
            as registered_count,
        cast(coalesce(sum(memberships.new_buyer_count), 0) as bigint)
            as new_buyer_count

    from months
    cross join channels
    left join memberships
        on
            months.month_start_date = memberships.month_start_date
            and channels.channel = memberships.reported_channel

    group by 1, 2, 3

),

measured as (

    select
        *,
        {{ cost_per(
            'spend_amount', acquired_count('new_buyer_count', 'registered_count')
        ) }} as cac_amount,

        -- Lifetime values are per new buyer, and so is the cost beside them.
        {{ cost_per('spend_amount', 'new_buyer_count') }} as buyer_cost_amount

    from totals

),

ltvs as (

    select
        *,
        month_offset = max(month_offset) over (
            partition by cohort_month, channel
        ) as is_last

    from {{ ref('int_cohort_ltvs') }}

    where is_mature

),

-- Customers of the month that never paid for themselves so far have no month.
paybacks as (

    select
        measured.month_start_date,
        measured.channel,
        max(case when ltvs.is_last then ltvs.ltv_amount end) as ltv_amount,
        min(
            case
                when
                    {{ rounded('ltvs.ltv_amount') }}
                    >= {{ rounded('measured.buyer_cost_amount') }}
                    then ltvs.month_offset
            end
        ) as payback_months

    from measured
    inner join ltvs
        on
            measured.month_start_date = ltvs.cohort_month
            and measured.channel = ltvs.channel

    group by 1, 2

),

final as (

    select
        measured.month_start_date,
        measured.channel,
        measured.spend_amount,
        measured.impression_count,
        measured.click_count,
        measured.registered_count,
        measured.new_buyer_count,
        {{ ratio('measured.click_count', 'measured.impression_count') }} as click_rate,
        {{ ratio('measured.registered_count', 'measured.click_count') }}
            as conversion_rate,
        1000 * {{ cost_per('measured.spend_amount', 'measured.impression_count') }}
            as cost_per_mille_amount,
        {{ cost_per('measured.spend_amount', 'measured.click_count') }}
            as cost_per_click_amount,
        measured.cac_amount,
        {{ cost_per('measured.spend_amount', 'measured.registered_count') }}
            as cost_per_registration_amount,
        {{ ratio('paybacks.ltv_amount', 'measured.buyer_cost_amount') }}
            as ltv_to_cac_ratio,
        cast(
            case
                when measured.channel = 'paid' then null
                when measured.buyer_cost_amount = 0 then 0
                else paybacks.payback_months
            end as integer
        ) as payback_months,
        measured.is_complete

    from measured
    left join paybacks
        on
            measured.month_start_date = paybacks.month_start_date
            and measured.channel = paybacks.channel

)

select * from final
