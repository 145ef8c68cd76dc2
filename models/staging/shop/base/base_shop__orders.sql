-- Grain: one row per raw row of orders, with the rules it breaks.

{{ config(
    materialized=stored(),
    incremental_strategy='delete+insert',
    unique_key=['file_key', 'file_row_number'],
    post_hook='{{ sign() }}',
) }}

with

contract_checked as {{ inlined() }} (

    {{ checked_input('orders') }}

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
                case
                    when
                        contract_checked.user_id is null
                        and contract_checked.guest_email is null
                        then 'missing_customer'
                end,
                {{ unknown_user('contract_checked.user_id', 'accounts') }},
                case
                    when
                        contract_checked.status not in (
                            {{ quoted_list(var('order_statuses')) }}
                        )
                        then 'unknown_status'
                end,
                case
                    when
                        contract_checked.gross_amount < 0
                        or contract_checked.discount_amount < 0
                        or contract_checked.cost_amount < 0
                        then 'negative_amount'
                end,
                case
                    when
                        contract_checked.discount_amount
                        > contract_checked.gross_amount
                        then 'discount_exceeds_gross'
                end,
                case
                    when
                        contract_checked.currency <> coalesce(
                            {{ text_literal(var('reporting_currency')) }},
                            contract_checked.currency
                        )
                        then 'currency_mismatch'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('orders') }}

),

final as (

    select
        {{ contract_columns('orders') }}
        {{ normalised_email('guest_email') }} as normalised_guest_email,
        {{ local_date('ordered_at') }} as order_date,
        {{ rejection_columns('orders') }},
        file_key,
        file_row_number

    from deduplicated

)

select * from final
