-- Grain: one row per raw row of marketing_spend, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('marketing_spend') }}

),

rule_checked as {{ inlined() }} (

    select
        *,
        nullif(
            concat_ws(
                ',',
                contract_reason_codes,
                case when spend < 0 then 'negative_amount' end,
                case when impressions < 0 or clicks < 0 then 'negative_count' end
            ),
            ''
        ) as row_reason_codes

    from contract_checked

),

deduplicated as (

    {{ without_duplicates('marketing_spend') }}

),

final as (

    select
        {{ contract_columns('marketing_spend') }}
        {{ rejection_columns('marketing_spend') }}

    from deduplicated

)

select * from final
