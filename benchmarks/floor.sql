-- The floor: one pass over the raw rows of customers, aggregated to customer days.
-- No checks, no identities, no metric: what any build has to pay before it begins.
select
    customer,
    date_day,
    count(*) filter (kind = 'login') as login_count,
    count(*) filter (kind = 'order') as order_count,
    count(*) filter (kind = 'event') as event_count,
    sum(amount) as amount

from (
    select user_id as customer, local_date(login_at) as date_day, 'login' as kind,
        null as amount
    from logins

    union all

    select coalesce(user_id, guest_email), local_date(ordered_at), 'order',
        gross_amount - coalesce(discount_amount, 0)
    from orders

    union all

    select user_id, local_date(event_at), 'event', null
    from events
    where user_id is not null
)

group by all
