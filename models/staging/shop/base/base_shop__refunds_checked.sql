-- Grain: one row per raw row of refunds, with the rules it breaks by itself.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('refunds') }}

),

orders as {{ inlined() }} (

    select * from {{ ref('stg_shop__orders') }}

),

rule_checked as {{ inlined() }} (

    select
        contract_checked.*,
        orders.gross_amount - orders.discount_amount as refundable_amount,
        nullif(
            concat_ws(
                ',',
                contract_checked.contract_reason_codes,
                case
                    when
                        contract_checked.order_id is not null
                        and orders.order_id is null
                        then 'unknown_order'
                end,
                case when contract_checked.amount <= 0 then 'non_positive_amount' end,
                case
                    when contract_checked.refunded_at < orders.ordered_at
                        then 'refund_before_order'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join orders on contract_checked.order_id = orders.order_id

),

deduplicated as (

    {{ without_duplicates('refunds', result='checked_reason_codes') }}

),

final as (

    select
        {{ contract_columns('refunds') }}
        refundable_amount,
        checked_reason_codes,
        {{ row_key('refunds') }} as row_key,
        {{ raw_record('refunds') }} as raw_record

    from deduplicated

)

select * from final
