-- Grain: one row per customer and date with a contact.

with

contacts as (

    select * from {{ ref('stg_shop__contacts') }}

),

final as (

    select
        customer_id,
        sent_date,
        count(*) as contact_count,
        cast(sum(cost) as decimal(18, 2)) as cost_amount

    from contacts

    group by 1, 2

)

select * from final
