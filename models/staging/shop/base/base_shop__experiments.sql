-- Grain: one row per raw row of experiments, with the rules it breaks.
-- A customer in two variants breaks none: that is for the experiment to count.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('experiments') }}

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
                {{ unknown_user('contract_checked.user_id', 'accounts') }}
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('experiments') }}

),

final as (

    select
        {{ contract_columns('experiments') }}
        customer_id,
        {{ local_date('assigned_at') }} as assigned_date,
        {{ rejection_columns('experiments') }}

    from deduplicated

)

select * from final
