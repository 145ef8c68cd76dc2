-- Grain: one row per cohort basis, period grain, member of a cohort and period number
-- (0 = the cohort's own period) with a login, an order or activity.
-- Reaches as far as the last offset or bracket that is asked for.

with

activity as {{ inlined() }} (

    select * from {{ ref('int_customer_activity_periods') }}

),

members as (

    select * from {{ ref('int_cohort_members') }}

),

offsets as (

    select * from {{ ref('int_retention_offsets') }}

),

-- Each grain by itself: one subtraction of dates, where a choice between three would be
-- made for every customer day.
numbered as (

    {% for period_grain in ['day', 'week', 'month'] -%}
    select
        members.cohort_basis,
        members.period_grain,
        members.customer_key,
        members.channel,
        members.cohort_start_date,
        {{ period_offset(
            "'" ~ period_grain ~ "'",
            'members.cohort_start_date',
            'activity.period_start_date'
        ) }} as period_number,
        activity.has_login,
        activity.has_order,
        activity.is_active,
        activity.net_amount
    from activity
    inner join members on activity.customer_key = members.customer_key
    where
        activity.period_grain = '{{ period_grain }}'
        and members.period_grain = '{{ period_grain }}'
        -- Life before the cohort's period, an order before registration, is no return.
        and activity.period_start_date >= members.cohort_start_date
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

final as (

    select numbered.*

    from numbered
    inner join offsets
        on
            numbered.period_grain = offsets.period_grain
            and numbered.period_number <= offsets.last_offset

)

select * from final
