-- Grain: one row per accepted contact sent up to the as-of date.
-- An answer after that date has not happened yet.

with

contacts as (

    select * from {{ ref('base_shop__contacts') }}

    where
        reason_code is null
        and sent_date <= {{ as_of_date() }}

),

final as (

    select
        contact_id,
        customer_id,
        channel,
        sent_at,
        sent_date,
        campaign,
        plan_code,
        step_number,
        cost,
        case when {{ local_date('opened_at') }} <= {{ as_of_date() }} then opened_at end
            as opened_at,
        case
            when {{ local_date('clicked_at') }} <= {{ as_of_date() }} then clicked_at
        end as clicked_at

    from contacts

)

select * from final
