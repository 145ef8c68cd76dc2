-- Grain: one row per raw row of identities, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('identities') }}

),

accounts as (

    select * from {{ ref('base_shop__accounts') }}

),

rule_checked as {{ inlined() }} (

    select
        contract_checked.*,
        nullif(
            concat_ws(
                ',',
                contract_checked.contract_reason_codes,
                {{ unknown_user('contract_checked.user_id', 'accounts') }},
                case
                    when
                        contract_checked.id_type not in (
                            {{ known_values('identities', 'id_type') }}
                        )
                        then 'unknown_id_type'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('identities') }}

),

final as (

    select
        {{ contract_columns('identities') }}
        {{ local_date('linked_at') }} as linked_date,
        {{ rejection_columns('identities') }}

    from deduplicated

)

select * from final
