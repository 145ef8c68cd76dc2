-- Grain: one row per customer and calendar month in which the customer was active or
-- invited somebody.

with

customer_months as (

    select
        customer_id,
        period_start_date as month_start_date,
        0 as has_invited

    from {{ ref('int_customer_periods') }}

    where period_grain = 'month' and is_active

    union all

    select
        referrer_customer_id as customer_id,
        {{ month_start('invited_date') }} as month_start_date,
        1 as has_invited

    from {{ ref('fct_referrals') }}

),

final as (

    select
        customer_id,
        month_start_date,
        max(has_invited) = 1 as has_invited

    from customer_months

    group by 1, 2

)

select * from final
