-- Grain: one row per first and last number of idle days for which spells count.
-- A spell begins with an activity day or the entry and ends with the next activity. It
-- counts for n idle days while it lasts longer than n and its horizon is over, and as
-- returned for those n after which the next activity lies within the horizon.

{%- set horizon_days = var('threshold_return_horizon_days') %}
{%- set max_days = var('threshold_max_days') %}

with

starts as (

    select
        customer_key,
        activity_date as start_date,
        1 as start_rank

    from {{ ref('int_customer_days') }}

    where is_churn_activity_day

    union all

    select
        customer_key,
        entry_date as start_date,
        0 as start_rank

    from {{ ref('int_customers') }}

),

spells as (

    -- An entry with activity on the same date is followed after 0 days: the activity
    -- begins the spell, once.
    select
        {{ days_between('start_date', 'lead(start_date) over life') }} as gap_days,
        {{ days_between('start_date', as_of_date()) }} - {{ horizon_days }}
            as known_days

    from starts

    window
        life as (
            partition by customer_key
            order by start_date, start_rank
        )

),

bounded as (

    select
        case
            when gap_days - {{ horizon_days }} > 1 then gap_days - {{ horizon_days }}
            when gap_days is not null then 1
        end as first_returned_days,
        least(
            coalesce(gap_days - 1, {{ max_days }}), known_days, {{ max_days }}
        ) as last_idle_days

    from spells

    where gap_days > 0 or gap_days is null

),

final as (

    select
        first_returned_days,
        last_idle_days,
        count(*) as spell_count

    from bounded

    where last_idle_days >= 1

    group by 1, 2

)

select * from final
