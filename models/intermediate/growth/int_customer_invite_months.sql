-- Grain: one row per customer and calendar month in which the customer was active or
-- invited somebody.

with

customer_months as (

    select
        customer_key,
        period_start_date as month_start_date,
        0 as has_invited

    from {{ ref('int_customer_periods') }}

    where period_grain = 'month' and is_active

    union all

    select
        customers.customer_key,
        {{ month_start('referrals.invited_date') }} as month_start_date,
        1 as has_invited

    from {{ ref('fct_referrals') }} as referrals
    inner join {{ ref('int_customers') }} as customers
        on referrals.referrer_customer_id = customers.customer_id

),

final as (

    select
        customer_key,
        month_start_date,
        max(has_invited) = 1 as has_invited

    from customer_months

    group by 1, 2

)

select * from final
