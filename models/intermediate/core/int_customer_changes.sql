-- Grain: one row per customer whose stored rows are to be computed again, from which
-- date on, and since when what differs is known.
-- A build from empty finds everybody. Any other finds whose fingerprints differ from
-- those of the last build that was finished, whether rows came, changed or went; and
-- keeps whom an unfinished build had found before it.

{{ config(
    materialized=stored(),
    incremental_strategy='delete+insert',
    unique_key='customer_key',
    post_hook='{{ sign() }}',
) }}

with

{% if is_incremental() and has_applied(ref('int_customer_fingerprints')) -%}
current_fingerprints as (

    select * from {{ ref('int_customer_fingerprints') }}

),

applied_fingerprints as (

    select * from {{ applied(ref('int_customer_fingerprints')) }}

),

differences as (

    select
        coalesce(
            current_fingerprints.customer_key, applied_fingerprints.customer_key
        ) as customer_key,
        coalesce(
            current_fingerprints.month_start_date,
            applied_fingerprints.month_start_date
        ) as changed_from,
        coalesce(
            current_fingerprints.known_from_date, applied_fingerprints.known_from_date
        ) as known_from_date

    from current_fingerprints
    full outer join applied_fingerprints
        on
            current_fingerprints.customer_key = applied_fingerprints.customer_key
            and current_fingerprints.month_start_date
            = applied_fingerprints.month_start_date
            and current_fingerprints.known_from_date
            = applied_fingerprints.known_from_date

    where
        current_fingerprints.customer_key is null
        or applied_fingerprints.customer_key is null
        or current_fingerprints.fingerprint <> applied_fingerprints.fingerprint

),

found as (

    select * from differences

    union all

    select
        customer_key,
        changed_from,
        known_from_date

    from {{ this }}

    union all

    -- Other rules: everybody, those included who are gone.
    select
        everybody.customer_key,
        differences.changed_from,
        differences.known_from_date

    from differences
    cross join (
        select customer_key from current_fingerprints
        union
        select customer_key from applied_fingerprints
    ) as everybody

    where differences.customer_key = 0

),
{%- else -%}
found as (

    select
        customer_key,
        {{ first_date() }} as changed_from,
        {{ first_date() }} as known_from_date

    from {{ ref('int_customer_fingerprints') }}

),
{%- endif %}

final as (

    select
        customer_key,
        min(changed_from) as changed_from,
        min(known_from_date) as known_from_date

    from found

    group by 1

)

select * from final
