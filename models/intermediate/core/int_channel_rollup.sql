-- Grain: one row per customer channel and report row its customers add to: the channel
-- itself and 'all'. A customer has one channel, so counts of people add up too.

with

channels as (

    select distinct channel from {{ ref('int_customers') }}

),

final as (

    select
        channel as customer_channel,
        channel

    from channels

    union all

    select
        channel as customer_channel,
        'all' as channel

    from channels

)

select * from final
