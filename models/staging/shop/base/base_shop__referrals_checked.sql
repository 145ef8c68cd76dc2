-- Grain: one row per raw row of referrals, with the rules it breaks by itself.

{{ config(materialized='ephemeral') }}

with

contract_checked as (

    {{ checked_input('referrals') }}

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

rule_checked as (

    select
        contract_checked.*,
        referrers.customer_id as referrer_customer_id,
        referees.customer_id as referee_customer_id,
        referrers.registered_at as referrer_registered_at,
        referees.registered_at as referee_registered_at,
        nullif(
            concat_ws(
                ',',
                contract_checked.contract_reason_codes,
                {{ unknown_user('contract_checked.referrer_id', 'referrers') }},
                {{ unknown_user('contract_checked.referee_id', 'referees') }},
                case
                    when referrers.customer_id = referees.customer_id
                        then 'self_referral'
                end,
                case
                    when
                        contract_checked.accepted_at is not null
                        and contract_checked.referee_id is null
                        then 'accepted_without_referee'
                end,
                case
                    when contract_checked.accepted_at < contract_checked.invited_at
                        then 'accepted_before_invited'
                end,
                case
                    when referrers.registered_at > contract_checked.invited_at
                        then 'referrer_registered_after_invite'
                end,
                case
                    when
                        contract_checked.accepted_at is not null
                        and referees.registered_at < contract_checked.invited_at
                        then 'referee_registered_before_invite'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts as referrers
        on contract_checked.referrer_id = referrers.user_id
    left join accounts as referees
        on contract_checked.referee_id = referees.user_id

),

deduplicated as (

    {{ without_duplicates(
        'referrals', 'rule_checked', result='checked_reason_codes'
    ) }}

)

select * from deduplicated
