-- Grain: one row per account whose raw rows have to be judged again.
-- Accounts that came, went, or belong to another customer since the last build that was
-- finished; and those an unfinished build had found before it.

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
        customer_id

    from {{ ref('stg_shop__accounts') }}

),

{% if is_incremental() and has_applied(ref('stg_shop__accounts')) -%}
applied_accounts as (

    select * from {{ applied(ref('stg_shop__accounts')) }}

),

found as (

    select coalesce(accounts.user_id, applied_accounts.user_id) as user_id

    from accounts
    full outer join applied_accounts on accounts.user_id = applied_accounts.user_id

    where
        accounts.user_id is null
        or applied_accounts.user_id is null
        or accounts.customer_id is distinct from applied_accounts.customer_id

    union

    select user_id from {{ this }}

),
{%- else -%}
found as (

    select user_id from accounts

),
{%- endif %}

final as (

    select user_id from found

)

select * from final
