-- Grain: one row per accepted order, whatever its status.
-- A guest joins the first account with the same e-mail once that account exists.

{{ config(materialized='table') }}

with

orders as (

    select
        *,
        {{ salted_hash('normalised_guest_email') }} as guest_hash

    from {{ ref('base_shop__orders') }}

    where reason_code is null

),

account_emails as (

    select
        user_id,
        identifier_hash,

        -- Too many accounts with one e-mail are not joined, and user_id breaks equal
        -- registrations.
        row_number() over (
            partition by identifier_hash
            order by registered_at, user_id
        ) as email_rank

    from {{ ref('stg_shop__account_identifiers') }}

    where id_type = 'email'

),

named as (

    select
        orders.*,
        coalesce(orders.user_id, account_emails.user_id) as account_id

    from orders
    left join account_emails
        on
            orders.guest_hash = account_emails.identifier_hash
            and account_emails.email_rank = 1

),

linked_accounts as (

    select * from {{ ref('stg_shop__linked_accounts') }}

),

final as (

    select
        named.order_id,
        coalesce(
            linked_accounts.customer_id,
            named.account_id,
            {{ guest_customer_id('named.guest_hash') }}
        ) as customer_id,
        named.user_id,
        named.ordered_at,
        named.order_date,
        named.paid_at,
        named.delivered_at,
        named.status,
        {{ is_valid_order('named.status') }} as is_valid,
        named.gross_amount,
        named.discount_amount,
        named.net_amount as given_net_amount,
        named.cost_amount,
        named.category,
        named.coupon_id,
        named.promotion_id,
        named.group_id,
        named.currency,
        {{ passed_on('orders', 'named', is_staged=true) }}
        named.store

    from named
    left join linked_accounts on named.account_id = linked_accounts.user_id

)

select * from final
