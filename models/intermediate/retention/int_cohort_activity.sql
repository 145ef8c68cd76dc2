-- Grain: one row per cohort basis, period grain, member of a cohort and period number
-- (0 = the cohort's own period) with a login, an order or activity.
-- Reaches as far as the last offset or bracket that is asked for.

-- A view: finding the rows again costs its readers less than keeping them would.
{{ config(materialized='view') }}

with

-- Most of a life lies beyond the last offset. Known as a date, it is left out before
-- anything is computed of it.
members as (

    {% for period_grain in ['day', 'week', 'month'] -%}
    select
        members.*,
        cast(
            {{ dbt.dateadd(
                period_grain, 'reach.last_offset', 'members.cohort_start_date'
            ) }} as date
        ) as last_start_date
    from {{ ref('int_cohort_members') }} as members
    inner join {{ ref('int_retention_offsets') }} as reach
        on members.period_grain = reach.period_grain
    where members.period_grain = '{{ period_grain }}'
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

final as (

    -- Each grain by itself: one subtraction of dates, where a choice between three
    -- would be made for every customer day.
    {% for period_grain in ['day', 'week', 'month'] -%}
    select
        members.cohort_basis,
        members.period_grain,
        members.customer_key,
        members.channel,
        members.cohort_start_date,
        activity.period_start_date,
        {{ period_offset(
            "'" ~ period_grain ~ "'",
            'members.cohort_start_date',
            'activity.period_start_date'
        ) }} as period_number,
        activity.has_login,
        activity.has_order,
        activity.is_active,
        activity.net_amount
    from {{ ref('int_customer_activity_periods') }} as activity
    inner join members
        on
            activity.customer_key = members.customer_key
            -- Life before the cohort's period, an order before registration, is no
            -- return.
            and activity.period_start_date >= members.cohort_start_date
            and activity.period_start_date <= members.last_start_date
    where
        activity.period_grain = '{{ period_grain }}'
        and members.period_grain = '{{ period_grain }}'
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

)

select * from final
