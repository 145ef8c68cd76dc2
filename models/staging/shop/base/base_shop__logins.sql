-- Grain: one row per raw row of logins, with the rules it breaks.
-- Who and when is all that a metric asks of a login.

{{ config(
    materialized=stored(),
    incremental_strategy='delete+insert',
    unique_key=['file_key', 'file_row_number'],
    post_hook='{{ sign() }}',
) }}

with

contract_checked as {{ inlined() }} (

    {{ checked_input('logins') }}

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
                {{ unknown_user('contract_checked.user_id', 'accounts') }}
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('logins') }}

),

final as (

    select
        {{ contract_columns('logins', kept=['user_id', 'login_at']) }}
        {{ local_date('login_at') }} as login_date,
        {{ rejection_columns('logins') }},
        file_key,
        file_row_number

    from deduplicated

)

select * from final
