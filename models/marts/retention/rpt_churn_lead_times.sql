-- Grain: one row per month of history.
-- A customer who churned twice counts twice. Counts add up over months, shares and
-- medians do not.

with

months as (

    select distinct
        month_start_date,
        is_complete_month as is_complete

    from {{ ref('dim_dates') }}

),

churners as (

    select
        customers.customer_key,
        spans.valid_from as churn_date

    from {{ ref('fct_customer_segment_spans') }} as spans
    inner join {{ ref('int_customers') }} as customers
        on spans.customer_id = customers.customer_id

    where spans.segmentation = 'churn_status' and spans.segment = 'churned'

),

warned as (

    select
        churners.customer_key,
        churners.churn_date,
        min(warnings.warning_date) as first_warning_date

    from churners
    left join {{ ref('int_customer_churn_warnings') }} as warnings
        on
            churners.customer_key = warnings.customer_key
            and warnings.warning_date < churners.churn_date
            and warnings.warning_date
            >= {{ add_days('churners.churn_date', -var('lead_time_lookback_days')) }}

    group by 1, 2

),

counted as (

    select
        {{ month_start('churn_date') }} as month_start_date,
        count(*) as churned_count,
        count(first_warning_date) as warned_count,
        {{ quantile(days_between('first_warning_date', 'churn_date'), 0.5) }}
            as median_lead_days

    from warned

    group by 1

),

final as (

    select
        months.month_start_date,
        cast(coalesce(counted.churned_count, 0) as bigint) as churned_count,
        cast(coalesce(counted.warned_count, 0) as bigint) as warned_count,
        {{ ratio('counted.warned_count', 'counted.churned_count') }} as warned_share,
        counted.median_lead_days,
        months.is_complete

    from months
    left join counted on months.month_start_date = counted.month_start_date

)

select * from final
