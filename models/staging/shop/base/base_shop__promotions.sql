-- Grain: one row per raw row of promotions, with the rules it breaks.

with

contract_checked as {{ inlined() }} (

    {{ checked_input('promotions') }}

),

rule_checked as {{ inlined() }} (

    select
        *,
        nullif(
            concat_ws(
                ',',
                contract_reason_codes,
                case
                    when
                        promotion_type not in (
                            {{ known_values('promotions', 'promotion_type') }}
                        )
                        then 'unknown_promotion_type'
                end,
                case when ends_at < starts_at then 'ends_before_start' end,
                case
                    when
                        promotion_type = 'threshold'
                        and (threshold_amount is null or value_amount is null)
                        then 'missing_parameter'
                    when promotion_type = 'referral_coupon' and value_amount is null
                        then 'missing_parameter'
                    when
                        promotion_type = 'group_buy'
                        and (discount_rate is null or min_group_size is null)
                        then 'missing_parameter'
                    when promotion_type = 'trial' and trial_days is null
                        then 'missing_parameter'
                end
            ),
            ''
        ) as row_reason_codes

    from contract_checked

),

deduplicated as (

    {{ without_duplicates('promotions') }}

),

final as (

    select
        {{ contract_columns('promotions') }}
        {{ local_date('starts_at') }} as start_date,
        {{ local_date('ends_at') }} as end_date,
        {{ rejection_columns('promotions') }}

    from deduplicated

)

select * from final
