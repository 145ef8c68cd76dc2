-- Grain: one row per customer, month with anything that days, spans and snapshots are
-- made of, and date since which it is known: the first of the month, or of a later one
-- in which a refund came.
-- Customer 0 holds the rules of the spans, and -1 the clock: its row of the as-of date
-- differs as soon as that date does.
-- Equal fingerprints mean equal facts, whatever way the rows took into the warehouse.

with

-- The as-of date comes along with each customer, as in int_customer_days.
customers as (

    select
        *,
        {{ as_of_date() }} as as_of_date

    from {{ ref('int_customers') }}

),

facts as (

    select
        customers.customer_key,
        logins.login_date as fact_date,
        logins.login_date as known_date,
        {{ row_hash(['logins.login_at']) }} as fact_hash

    from {{ ref('stg_shop__logins') }} as logins
    inner join customers on logins.customer_id = customers.customer_id

    where logins.login_date <= customers.as_of_date

    union all

    -- DuckDB has one hash for 0 and for -1 millionth, as numbers.
    select
        customer_key,
        activity_date as fact_date,
        activity_date as known_date,
        {{ row_hash([
            'behaviour', 'activity_date', 'is_event', 'occurrence_count',
            as_text('amount'),
        ]) }} as fact_hash

    from {{ ref('int_customer_behaviour_days') }}

    union all

    -- A refund changes what the day of its order came to.
    select
        customers.customer_key,
        changes.order_date as fact_date,
        changes.change_date as known_date,
        {{ row_hash([
            'changes.order_date', 'changes.change_date', 'changes.net_change_amount',
            'changes.margin_change_amount', 'changes.refund_count',
        ]) }} as fact_hash

    from {{ ref('int_order_amount_changes') }} as changes
    inner join customers on changes.customer_id = customers.customer_id

    union all

    select
        customers.customer_key,
        responses.responded_date as fact_date,
        responses.responded_date as known_date,
        {{ row_hash([
            'responses.responded_at', 'responses.response_id', 'responses.score',
        ]) }} as fact_hash

    from {{ ref('stg_shop__survey_responses') }} as responses
    inner join customers on responses.customer_id = customers.customer_id

    where responses.survey_type = 'share_of_wallet'

    union all

    select
        customer_key,
        entry_date as fact_date,
        entry_date as known_date,
        {{ row_hash(['entry_date', 'registration_date', 'channel']) }} as fact_hash

    from customers

    union all

    select
        0 as customer_key,
        {{ first_date() }} as fact_date,
        {{ first_date() }} as known_date,
        {{ row_hash([
            'segmentation', 'segment', 'segment_rank', 'behaviour', 'min_count',
            'min_days', 'window_days', 'min_amount',
        ]) }} as fact_hash

    from {{ ref('int_segment_rules') }}

),

months as (

    select
        customer_key,
        {{ month_start('fact_date') }} as month_start_date,
        {{ month_start('known_date') }} as known_from_date,
        fact_hash

    from facts

    union all

    select
        -1 as customer_key,
        snapshot_date as month_start_date,
        snapshot_date as known_from_date,
        {{ row_hash(['snapshot_date']) }} as fact_hash

    from {{ ref('int_snapshot_dates') }}

    where snapshot_date = {{ as_of_date() }}

    union all

    -- Where history, or its first kept snapshot, begins otherwise, all is another one.
    select
        -1 as customer_key,
        {{ first_date() }} as month_start_date,
        {{ first_date() }} as known_from_date,
        {{ row_hash(['min(snapshot_date)', history_start_date()]) }} as fact_hash

    from {{ ref('int_snapshot_dates') }}

    where is_month_end

),

final as (

    select
        customer_key,
        month_start_date,
        known_from_date,
        sum(cast(fact_hash as decimal(38, 0))) as fingerprint

    from months

    group by 1, 2, 3

)

select * from final
