-- Grain: one row per customer and date with a login, exposure, browsing or activity;
-- an entry on whose date the customer is not active otherwise is a row of its own.
-- The behaviours that most days have, side by side: whoever asks for all of them reads
-- the longest table once.

{{ config(materialized='view') }}

with

customers as (

    select * from {{ ref('int_customers') }}

),

final as (

    select
        customer_key,
        activity_date,
        login_count,
        exposure_count,
        browse_count,
        case when is_churn_activity_day then 1 else 0 end as churn_activity_count

    from {{ ref('int_customer_days') }}

    union all

    -- Entering is the first sign of life: nobody churns before having been seen.
    select
        customers.customer_key,
        customers.entry_date as activity_date,
        0 as login_count,
        0 as exposure_count,
        0 as browse_count,
        1 as churn_activity_count

    from customers
    left join {{ ref('int_customer_days') }} as customer_days
        on
            customers.customer_key = customer_days.customer_key
            and customers.entry_date = customer_days.activity_date
            and customer_days.is_churn_activity_day

    where customer_days.customer_key is null

)

select * from final
