-- Grain: one row per raw row of deals, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('deals') }}

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

deal_stages as (

    select * from {{ ref('deal_stages') }}

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
                        contract_checked.stage_code is not null
                        and deal_stages.stage_code is null
                        then 'unknown_stage'
                end,
                case when contract_checked.amount < 0 then 'negative_amount' end,
                {{ unknown_user('contract_checked.user_id', 'accounts') }}
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id
    left join deal_stages on contract_checked.stage_code = deal_stages.stage_code

),

deduplicated as (

    {{ without_duplicates('deals') }}

),

final as (

    select
        {{ contract_columns('deals') }}
        customer_id,
        {{ local_date('entered_at') }} as entered_date,
        {{ rejection_columns('deals') }}

    from deduplicated

)

select * from final
