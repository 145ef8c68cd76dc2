-- Grain: one row per account whose raw rows have to be judged again.
-- Accounts that came, went, or are excluded or accepted now and were not when the last
-- build finished; and those an unfinished build had found before it. Erased ones are
-- named by their hash. An account that belongs to another customer than it did is none
-- of them: see stg_shop__logins.

{{ config(
    materialized=stored(),
    incremental_strategy='delete+insert',
    unique_key='user_id',
    post_hook='{{ sign() }}',
) }}

with

accounts as (

    select
        user_id,
        is_accepted,
        is_erased

    from {{ ref('base_shop__accounts') }}

),

{% if is_incremental() and has_applied(ref('base_shop__accounts')) -%}
applied_accounts as (

    select * from {{ applied(ref('base_shop__accounts')) }}

),

found as (

    select
        coalesce(accounts.user_id, applied_accounts.user_id) as user_id,
        coalesce(accounts.is_erased, applied_accounts.is_erased) as is_erased

    from accounts
    full outer join applied_accounts on accounts.user_id = applied_accounts.user_id

    where
        accounts.user_id is null
        or applied_accounts.user_id is null
        or accounts.is_accepted <> applied_accounts.is_accepted

    union

    select
        user_id,
        is_erased

    from {{ this }}

),
{%- else -%}
found as (

    select
        user_id,
        is_erased

    from accounts

),
{%- endif %}

final as (

    select
        user_id,
        is_erased

    from found

)

select * from final
