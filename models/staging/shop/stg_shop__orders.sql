-- Grain: one row per accepted order, whatever its status.
-- A guest joins the account with the same e-mail once that account exists.

{{ config(materialized='table') }}

with

orders as (

    select * from {{ ref('base_shop__orders') }}

    where reason_code is null

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

account_emails as (

    select
        normalised_email,
        customer_id,

        -- Several accounts can carry one e-mail; user_id breaks equal registrations.
        row_number() over (
            partition by normalised_email
            order by registered_at, user_id
        ) as email_rank

    from accounts

    where
        customer_id is not null
        and registration_date <= {{ as_of_date() }}
        and normalised_email is not null
        and {{ joins_guests_by_email() }}

),

final as (

    select
        orders.order_id,
        case
            when orders.user_id is not null then orders.account_customer_id
            else coalesce(
                account_emails.customer_id,
                {{ guest_customer_id('orders.normalised_guest_email') }}
            )
        end as customer_id,
        orders.user_id,
        orders.ordered_at,
        orders.order_date,
        orders.paid_at,
        orders.delivered_at,
        orders.status,
        {{ is_valid_order('orders.status') }} as is_valid,
        orders.gross_amount,
        orders.discount_amount,
        orders.net_amount as given_net_amount,
        orders.cost_amount,
        orders.category,
        orders.coupon_id,
        orders.promotion_id,
        orders.group_id,
        orders.currency,
        {{ passed_on('orders', 'orders', is_staged=true) }}
        orders.store

    from orders
    left join account_emails
        on
            orders.normalised_guest_email = account_emails.normalised_email
            and account_emails.email_rank = 1

)

select * from final
