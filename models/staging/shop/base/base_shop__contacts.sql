-- Grain: one row per raw row of contacts, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('contacts') }}

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

rule_checked as {{ inlined() }} (

    select
        contract_checked.*,
        accounts.customer_id,
        nullif(
            concat_ws(
                ',',
                contract_checked.contract_reason_codes,
                {{ unknown_user('contract_checked.user_id', 'accounts') }},
                case
                    when
                        contract_checked.channel not in (
                            {{ known_values('contacts', 'channel') }}
                        )
                        then 'unknown_channel'
                end,
                case when contract_checked.cost < 0 then 'negative_amount' end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('contacts') }}

),

final as (

    select
        {{ contract_columns('contacts') }}
        customer_id,
        {{ local_date('sent_at') }} as sent_date,
        {{ rejection_columns('contacts') }}

    from deduplicated

)

select * from final
