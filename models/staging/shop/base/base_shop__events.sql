-- Grain: one row per raw row of events, with the rules it breaks.
-- Of an accepted event stays what a metric reads.

{{ config(
    materialized=stored(),
    incremental_strategy='delete+insert',
    unique_key=['file_key', 'file_row_number'],
    post_hook='{{ sign() }}',
) }}

with

contract_checked as {{ inlined() }} (

    {{ checked_input('events') }}

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
                        and contract_checked.anonymous_id is null
                        then 'missing_customer'
                end,
                {{ unknown_user('contract_checked.user_id', 'accounts') }}
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('events') }}

),

final as (

    select
        {{ contract_columns(
            'events',
            kept=['user_id', 'event_name', 'event_at', 'rating', 'event_value']
        ) }}
        case when user_id is null then anonymous_id end as anonymous_id,
        {{ local_date('event_at') }} as event_date,
        {{ rejection_columns('events') }},
        file_key,
        file_row_number

    from deduplicated

)

select * from final
