-- Grain: one row per date of history and channel of customers or of spend; quiet days
-- included.

with

customers as (

    select * from {{ ref('int_customers') }}

),

spend as (

    select * from {{ ref('fct_channel_spend') }}

),

dates as (

    select date_day from {{ ref('dim_dates') }}

),

channels as (

    select channel from customers
    union distinct
    select channel from spend

),

-- One list of all that happened; what a row says nothing about is zero in it.
occurrences as (

    select
        spend_date as date_day,
        channel,
        spend_amount,
        impression_count,
        click_count,
        0 as registered_count,
        0 as new_buyer_count

    from spend

    union all

    select
        registration_date as date_day,
        channel,
        0 as spend_amount,
        0 as impression_count,
        0 as click_count,
        1 as registered_count,
        0 as new_buyer_count

    from customers

    where registration_date is not null

    union all

    select
        orders.order_date as date_day,
        customers.channel,
        0 as spend_amount,
        0 as impression_count,
        0 as click_count,
        0 as registered_count,
        1 as new_buyer_count

    from {{ ref('fct_orders') }} as orders
    inner join customers on orders.customer_id = customers.customer_id

    where orders.is_first_valid_order

),

counted as (

    select
        date_day,
        channel,
        sum(spend_amount) as spend_amount,
        sum(impression_count) as impression_count,
        sum(click_count) as click_count,
        sum(registered_count) as registered_count,
        sum(new_buyer_count) as new_buyer_count

    from occurrences

    group by 1, 2

),

final as (

    select
        dates.date_day,
        channels.channel,
        cast(coalesce(counted.spend_amount, 0) as decimal(18, 2)) as spend_amount,
        cast(coalesce(counted.impression_count, 0) as bigint) as impression_count,
        cast(coalesce(counted.click_count, 0) as bigint) as click_count,
        cast(coalesce(counted.registered_count, 0) as bigint) as registered_count,
        cast(coalesce(counted.new_buyer_count, 0) as bigint) as new_buyer_count

    from dates
    cross join channels
    left join counted
        on
            dates.date_day = counted.date_day
            and channels.channel = counted.channel

)

select * from final
