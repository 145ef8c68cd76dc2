-- Grain: one row per raw row of referrals, with the rules it breaks by itself.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('referrals') }}

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

named as (

    select
        contract_checked.*,
        referrers.customer_id as referrer_customer_id,
        referees.customer_id as referee_customer_id,
        referrers.customer_registered_at as referrer_registered_at,
        referees.customer_registered_at as referee_registered_at,
        {{ unknown_user('contract_checked.referrer_id', 'referrers') }}
            as referrer_code,
        {{ unknown_user('contract_checked.referee_id', 'referees') }} as referee_code

    from contract_checked
    left join accounts as referrers
        on contract_checked.referrer_id = referrers.user_id
    left join accounts as referees
        on contract_checked.referee_id = referees.user_id

),

rule_checked as {{ inlined() }} (

    select
        *,
        nullif(
            concat_ws(
                ',',
                contract_reason_codes,
                case
                    when 'excluded' in (referrer_code, referee_code) then 'excluded'
                    else coalesce(referrer_code, referee_code)
                end,
                case
                    when referrer_customer_id = referee_customer_id
                        then 'self_referral'
                end,
                case
                    when accepted_at is not null and referee_id is null
                        then 'accepted_without_referee'
                end,
                case
                    when accepted_at < invited_at then 'accepted_before_invited'
                end,
                case
                    when referrer_registered_at > invited_at
                        then 'referrer_registered_after_invite'
                end,
                case
                    when
                        accepted_at is not null
                        and referee_registered_at < invited_at
                        then 'referee_registered_before_invite'
                end
            ),
            ''
        ) as row_reason_codes

    from named

),

deduplicated as (

    {{ without_duplicates('referrals', result='checked_reason_codes') }}

),

final as (

    select
        {{ contract_columns('referrals') }}
        referrer_customer_id,
        referee_customer_id,
        referrer_registered_at,
        referee_registered_at,
        checked_reason_codes,
        {{ row_key('referrals') }} as row_key,
        {{ raw_record('referrals') }} as raw_record

    from deduplicated

)

select * from final
