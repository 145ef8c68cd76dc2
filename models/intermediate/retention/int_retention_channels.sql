-- Grain: one row per channel of the customers, and `all`.

with

customers as (

    select * from {{ ref('int_customers') }}

),

final as (

    select 'all' as channel

    union all

    select distinct channel from customers

)

select * from final
