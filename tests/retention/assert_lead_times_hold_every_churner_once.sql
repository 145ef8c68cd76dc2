-- A churner who is lost, or doubled by her warnings, makes the share of the warned ones
-- a share of something else.

with

churned as (

    select
        {{ month_start('date_day') }} as month_start_date,
        sum(newly_churned_count) as churned_count

    from {{ ref('fct_churn_daily') }}

    group by 1

)

select
    churned.month_start_date,
    churned.churned_count,
    lead_times.churned_count as published_count

from churned
full outer join {{ ref('rpt_churn_lead_times') }} as lead_times
    on churned.month_start_date = lead_times.month_start_date

where
    churned.churned_count is null
    or lead_times.churned_count is null
    or churned.churned_count <> lead_times.churned_count
