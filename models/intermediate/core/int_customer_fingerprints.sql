-- Grain: one row per customer and month with anything that days and spans are made of;
-- month 1 holds the entry, and customer 0 the rules of the spans.
-- Equal fingerprints mean equal facts, whatever way the rows took into the warehouse.

with

facts as (

    select
        customers.customer_key,
        {{ month_start('logins.login_date') }} as month_start_date,
        {{ row_hash(['logins.login_at']) }} as fact_hash

    from {{ ref('stg_shop__logins') }} as logins
    inner join {{ ref('int_customers') }} as customers
        on logins.customer_id = customers.customer_id

    where logins.login_date <= {{ as_of_date() }}

    union all

    select
        customer_key,
        {{ month_start('activity_date') }} as month_start_date,
        {{ row_hash([
            'behaviour', 'activity_date', 'is_event', 'occurrence_count', 'amount',
        ]) }} as fact_hash

    from {{ ref('int_customer_behaviour_days') }}

    union all

    -- A refund changes what the day of its order came to.
    select
        customers.customer_key,
        {{ month_start('changes.order_date') }} as month_start_date,
        {{ row_hash([
            'changes.order_date', 'changes.change_date', 'changes.net_change_amount',
        ]) }} as fact_hash

    from {{ ref('int_order_amount_changes') }} as changes
    inner join {{ ref('int_customers') }} as customers
        on changes.customer_id = customers.customer_id

    union all

    select
        customer_key,
        {{ first_date() }} as month_start_date,
        {{ row_hash(['entry_date']) }} as fact_hash

    from {{ ref('int_customers') }}

    union all

    select
        0 as customer_key,
        {{ first_date() }} as month_start_date,
        {{ row_hash([
            'segmentation', 'segment', 'segment_rank', 'behaviour', 'min_count',
            'min_days', 'window_days', 'min_amount',
        ]) }} as fact_hash

    from {{ ref('int_segment_rules') }}

),

final as (

    select
        customer_key,
        month_start_date,
        sum(cast(fact_hash as decimal(38, 0))) as fingerprint

    from facts

    group by 1, 2

)

select * from final
