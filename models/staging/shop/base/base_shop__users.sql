-- Grain: one row per raw row of users, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('users') }}

),

rule_checked as {{ inlined() }} (

    select
        *,
        nullif(
            concat_ws(
                ',',
                contract_reason_codes,
                case when is_excluded then 'excluded' end
            ),
            ''
        ) as row_reason_codes

    from contract_checked

),

deduplicated as (

    {{ without_duplicates('users') }}

),

final as (

    select
        {{ contract_columns('users') }}
        {{ local_date('registered_at') }} as registration_date,
        {{ normalised_email('email') }} as normalised_email,
        {{ rejection_columns('users') }}

    from deduplicated

)

select * from final
