-- Grain: one row per super user and snapshot date.

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshot_dates as (

    select * from {{ ref('int_snapshot_dates') }}

),

behaviours as (

    select * from {{ ref('int_snapshot_behaviours') }}

),

super_user_rules as (

    select * from {{ ref('super_user_rules') }}

),

criteria as (

    select
        customers.customer_id,
        snapshot_dates.snapshot_date,
        'member' as criterion

    from customers
    inner join snapshot_dates
        on customers.member_since <= snapshot_dates.snapshot_date

    union all

    select
        customers.customer_id,
        behaviours.snapshot_date,
        'fan' as criterion

    from behaviours
    inner join customers on behaviours.customer_key = customers.customer_key

    where {{ is_fan('behaviours.follow_count') }}

    union all

    select
        customer_id,
        snapshot_date,
        'high_value' as criterion

    from {{ ref('int_customer_rfm_scores') }}

    where is_high_annual_value

    union all

    select
        customers.customer_id,
        behaviours.snapshot_date,
        'high_spread' as criterion

    from behaviours
    inner join customers on behaviours.customer_key = customers.customer_key

    where {{ is_high_spread(
        'behaviours.referral_accepted_count', 'behaviours.share_count'
    ) }}

),

weighted as (

    select
        criteria.customer_id,
        criteria.snapshot_date,
        max(super_user_rules.weight) as weight

    from criteria
    inner join super_user_rules on criteria.criterion = super_user_rules.criterion

    group by 1, 2

),

final as (

    select
        weighted.customer_id,
        customers.customer_key,
        weighted.snapshot_date,
        weighted.weight

    from weighted
    inner join customers
        on
            weighted.customer_id = customers.customer_id
            -- A membership or an event can be older than the account it belongs to.
            and weighted.snapshot_date >= customers.entry_date

)

select * from final
