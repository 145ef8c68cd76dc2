-- Grain: one row per raw row of points_ledger, with the rules it breaks.
-- The account of points is the customer's: from the first entry on that would make the
-- balance negative, nothing is taken from it any more.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('points_ledger') }}

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
                {{ unknown_user('contract_checked.user_id', 'accounts') }},
                case
                    when
                        contract_checked.entry_type not in (
                            {{ known_values('points_ledger', 'entry_type') }}
                        )
                        then 'unknown_entry_type'
                end,
                case when contract_checked.points <= 0 then 'non_positive_points' end
            ),
            ''
        ) as row_reason_codes

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

deduplicated as (

    {{ without_duplicates('points_ledger', result='checked_reason_codes') }}

),

-- Rejected rows stand in a ledger of their own.
balanced as (

    select
        *,
        sum(case when entry_type = 'earn' then points else -points end)
            over ledger as balance

    from deduplicated

    window
        ledger as (
            partition by customer_id, checked_reason_codes is null
            order by
                entry_at asc nulls first,
                case when entry_type = 'earn' then 0 else 1 end,
                entry_id asc nulls first
            rows between unbounded preceding and current row
        )

),

judged as (

    select
        *,
        coalesce(
            checked_reason_codes,
            case
                when entry_type <> 'earn' and min(balance) over ledger < 0
                    then 'insufficient_balance'
            end
        ) as all_reason_codes

    from balanced

    window
        ledger as (
            partition by customer_id, checked_reason_codes is null
            order by
                entry_at asc nulls first,
                case when entry_type = 'earn' then 0 else 1 end,
                entry_id asc nulls first
            rows between unbounded preceding and current row
        )

),

final as (

    select
        {{ contract_columns('points_ledger') }}
        customer_id,
        {{ local_date('entry_at') }} as entry_date,
        {{ rejection_columns('points_ledger') }}

    from judged

)

select * from final
