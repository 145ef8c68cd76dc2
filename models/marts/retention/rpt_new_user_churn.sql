-- Grain: one row per registration date and channel (and all), days without registration
-- included.
-- Counts add up over dates and over channels without all; rates do not.

with

customers as (

    select * from {{ ref('int_customers') }}

    where registration_date is not null

),

dates as (

    select * from {{ ref('dim_dates') }}

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

returned as (

    -- The registration date itself does not count: many shops log a customer in then.
    select distinct customers.customer_key

    from {{ ref('int_customer_days') }} as customer_days
    inner join customers
        on
            customer_days.customer_key = customers.customer_key
            and customer_days.activity_date > customers.registration_date
            and customer_days.activity_date
            <= {{ add_days('customers.registration_date', var('churn_after_days')) }}

    where customer_days.is_churn_activity_day

),

counted as (

    select
        customers.registration_date,
        channels.channel,
        count(*) as registered_count,
        count(*) - count(returned.customer_key) as new_user_churned_count

    from customers
    inner join channels
        on channels.channel = 'all' or channels.channel = customers.channel
    left join returned on customers.customer_key = returned.customer_key

    group by 1, 2

),

spine as (

    select
        dates.date_day as registration_date,
        channels.channel,
        cast(coalesce(counted.registered_count, 0) as bigint) as registered_count,
        cast(coalesce(counted.new_user_churned_count, 0) as bigint)
            as new_user_churned_count,
        {{ add_days('dates.date_day', var('churn_after_days')) }}
        <= {{ as_of_date() }} as is_mature

    from dates
    cross join channels
    left join counted
        on
            dates.date_day = counted.registration_date
            and channels.channel = counted.channel

),

final as (

    select
        registration_date,
        channel,
        registered_count,
        new_user_churned_count,
        case
            when is_mature
                then
                    {{ ratio('new_user_churned_count', 'registered_count') }}
        end as new_user_churn_rate,
        is_mature

    from spine

)

select * from final
