-- Grain: one row per snapshot date: the month ends of history and the as-of date.
-- The as-of date is measured like a month end, but its labels never enter history.

with

dates as (

    select * from {{ ref('dim_dates') }}

),

kept_month_ends as (

    select date_day as snapshot_date

    from dates

    where date_day = {{ month_end('date_day') }}

    {% if var('snapshot_months') is not none -%}
    order by date_day desc

    limit {{ var('snapshot_months') }}
    {%- endif %}

),

final as (

    select
        dates.date_day as snapshot_date,
        kept_month_ends.snapshot_date is not null as is_month_end

    from dates
    left join kept_month_ends on dates.date_day = kept_month_ends.snapshot_date

    where
        kept_month_ends.snapshot_date is not null
        or dates.date_day = {{ as_of_date() }}

)

select * from final
