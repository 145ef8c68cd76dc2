-- Grain: one row per raw row of operating_costs, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('operating_costs') }}

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
                case
                    when
                        contract_checked.cost_type not in (
                            {{ known_values('operating_costs', 'cost_type') }}
                        )
                        then 'unknown_cost_type'
                end,
                case when contract_checked.amount < 0 then 'negative_amount' end,
                {{ unknown_user('contract_checked.user_id', 'accounts') }}
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('operating_costs') }}

),

final as (

    select
        {{ contract_columns('operating_costs') }}
        customer_id,
        {{ rejection_columns('operating_costs') }}

    from deduplicated

)

select * from final
