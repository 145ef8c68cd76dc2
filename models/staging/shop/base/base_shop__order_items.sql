-- Grain: one row per raw row of order_items, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('order_items') }}

),

orders as {{ inlined() }} (

    select * from {{ ref('stg_shop__orders') }}

),

rule_checked as {{ inlined() }} (

    select
        contract_checked.*,
        orders.order_date,
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
                case
                    when contract_checked.quantity <= 0 then 'non_positive_quantity'
                end,
                case
                    when
                        contract_checked.unit_price < 0
                        or contract_checked.unit_cost < 0
                        then 'negative_amount'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join orders on contract_checked.order_id = orders.order_id

),

deduplicated as (

    {{ without_duplicates('order_items') }}

),

final as (

    select
        {{ contract_columns('order_items') }}
        order_date,
        {{ rejection_columns('order_items') }}

    from deduplicated

)

select * from final
