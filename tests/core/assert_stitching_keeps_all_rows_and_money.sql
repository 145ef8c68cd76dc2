-- Joining accounts gives rows to another customer; it neither loses nor repeats them.
-- Every accepted order, login and refund has one customer, and there are at most as
-- many customers as accounts and guests (who are told apart by their e-mails).

with

accepted as (

    select
        'orders' as kept,
        count(*) as row_count,
        sum(gross_amount - discount_amount) as amount
    from {{ ref('base_shop__orders') }}
    where reason_code is null
    union all
    select
        'logins' as kept,
        count(*) as row_count,
        0 as amount
    from {{ ref('base_shop__logins') }}
    where reason_code is null
    union all
    select
        'refunds' as kept,
        count(*) as row_count,
        sum(amount) as amount
    from {{ ref('base_shop__refunds') }}
    where reason_code is null
    union all
    select
        'events' as kept,
        count(*) as row_count,
        0 as amount
    from {{ ref('base_shop__events') }}
    where reason_code is null

),

customers as (

    select customer_id from {{ ref('int_customer_keys') }}

),

stitched as (

    select
        'orders' as kept,
        count(*) as row_count,
        sum(orders.gross_amount - orders.discount_amount) as amount
    from {{ ref('stg_shop__orders') }} as orders
    inner join customers on orders.customer_id = customers.customer_id
    union all
    select
        'logins' as kept,
        count(*) as row_count,
        0 as amount
    from {{ ref('stg_shop__logins') }} as logins
    inner join customers on logins.customer_id = customers.customer_id
    union all
    select
        'refunds' as kept,
        count(*) as row_count,
        sum(refunds.amount) as amount
    from {{ ref('stg_shop__refunds') }} as refunds
    inner join {{ ref('stg_shop__orders') }} as orders
        on refunds.order_id = orders.order_id
    inner join customers on orders.customer_id = customers.customer_id
    union all
    select
        'events' as kept,
        count(*) as row_count,
        0 as amount
    from {{ ref('stg_shop__events') }}

),

counted as (

    select count(*) as customer_count from {{ ref('int_customers') }}

),

known as (

    select count(*) as account_count

    from {{ ref('base_shop__accounts') }}

    where is_accepted

),

guests as (

    select count(distinct normalised_guest_email) as guest_count

    from {{ ref('base_shop__orders') }}

    where reason_code is null and user_id is null

)

select
    accepted.kept,
    accepted.row_count,
    stitched.row_count as stitched_row_count,
    accepted.amount,
    stitched.amount as stitched_amount

from accepted
inner join stitched on accepted.kept = stitched.kept

where
    accepted.row_count <> stitched.row_count
    or coalesce(accepted.amount, 0) <> coalesce(stitched.amount, 0)

union all

select
    'customers' as kept,
    known.account_count + guests.guest_count as row_count,
    counted.customer_count as stitched_row_count,
    null as amount,
    null as stitched_amount

from counted
cross join known
cross join guests

where counted.customer_count > known.account_count + guests.guest_count
