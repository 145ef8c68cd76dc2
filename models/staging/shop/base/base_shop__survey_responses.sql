-- Grain: one row per raw row of survey_responses, with the rules it breaks.
-- Which answers a row needs, and on what scale, its survey type says.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('survey_responses') }}

),

accounts as (

    select * from {{ ref('stg_shop__accounts') }}

),

named as (

    select
        contract_checked.*,
        accounts.customer_id,
        {{ unknown_user('contract_checked.user_id', 'accounts') }} as user_code,
        case contract_checked.survey_type
            when 'kano'
                then
                    contract_checked.feature_code is not null
                    and contract_checked.functional_answer between 1 and 5
                    and contract_checked.dysfunctional_answer between 1 and 5
            when 'rating' then contract_checked.score between 1 and 5
            when 'nps' then contract_checked.score between 0 and 10
            when 'share_of_wallet' then contract_checked.score between 0 and 1
            else true
        end as is_on_scale

    from contract_checked
    left join accounts on contract_checked.user_id = accounts.user_id

),

rule_checked as {{ inlined() }} (

    select
        *,
        nullif(
            concat_ws(
                ',',
                contract_reason_codes,
                case
                    when user_id is null and respondent_id is null
                        then 'missing_customer'
                end,
                user_code,
                case
                    when
                        survey_type not in (
                            {{ known_values('survey_responses', 'survey_type') }}
                        )
                        then 'unknown_survey_type'
                end,
                -- A missing answer makes the comparison null.
                case
                    when not coalesce(is_on_scale, false) then 'answer_out_of_range'
                end
            ),
            ''
        ) as row_reason_codes

    from named

),

deduplicated as (

    {{ without_duplicates('survey_responses') }}

),

final as (

    select
        {{ contract_columns('survey_responses') }}
        customer_id,
        {{ local_date('responded_at') }} as responded_date,
        {{ rejection_columns('survey_responses') }}

    from deduplicated

)

select * from final
