-- Grain: one row per snapshot date and super user who ordered or took part within
-- thriving_window_days before it.

with

super_users as (

    select * from {{ ref('int_super_users') }}

),

active_days as (

    select
        customer_key,
        activity_date

    from {{ ref('int_behaviour_days_widened') }}

    where {{ is_taking_part() }}

    union all

    select
        customer_key,
        activity_date

    from {{ ref('int_customer_days') }}

    where valid_order_count > 0

),

final as (

    select distinct
        super_users.customer_id,
        super_users.snapshot_date

    from super_users
    inner join active_days
        on
            super_users.customer_key = active_days.customer_key
            and active_days.activity_date <= super_users.snapshot_date
            and {{ in_window(
                'active_days.activity_date',
                'super_users.snapshot_date',
                var('thriving_window_days')
            ) }}

)

select * from final
