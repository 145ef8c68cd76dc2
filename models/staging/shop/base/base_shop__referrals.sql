-- Grain: one row per raw row of referrals, with the rules it breaks.
-- An accepted referral makes the referrer the parent of the referee. Row by row, in the
-- order of acceptance, a referee who has a parent is a duplicate, and a referee who is
-- an ancestor of the referrer would close a cycle.

with recursive

checked_referrals as (

    select * from {{ ref('base_shop__referrals_checked') }}

),

accepted_referrals as (

    select
        referral_id,
        referrer_customer_id,
        referee_customer_id,
        accepted_at,
        referee_registered_at as generation_at,
        referrer_registered_at = referee_registered_at as is_tied

    from checked_referrals

    where
        checked_reason_codes is null
        and accepted_at is not null

),

-- A referrer registers no later than the invitation and a referee no earlier, so on a
-- cycle all of them registered in one instant. Only a referee of such a tie who also
-- invited within it can be on one; everybody else is judged without the walk.
cycle_suspects as (

    select distinct
        received.referee_customer_id as customer_id,
        received.generation_at

    from accepted_referrals as received
    inner join accepted_referrals as sent
        on
            received.referee_customer_id = sent.referrer_customer_id
            and received.is_tied
            and sent.is_tied

),

referrals_in_turn as (

    select
        accepted_referrals.*,
        md5(accepted_referrals.referrer_customer_id) as referrer_code,
        md5(accepted_referrals.referee_customer_id) as referee_code,
        cycle_suspects.customer_id is not null as is_suspect,

        -- referral_id breaks the tie of two acceptances in one instant.
        row_number() over (
            partition by accepted_referrals.referee_customer_id
            order by accepted_referrals.accepted_at, accepted_referrals.referral_id
        ) as turn_of_referee,
        row_number() over (
            partition by
                accepted_referrals.generation_at,
                cycle_suspects.customer_id is not null
            order by accepted_referrals.accepted_at, accepted_referrals.referral_id
        ) as turn

    from accepted_referrals
    left join cycle_suspects
        on accepted_referrals.referee_customer_id = cycle_suspects.customer_id

),

-- roots: "|customer:root|" of everybody who has a parent by then, one after the other;
-- who is not in it is a root himself. Codes hold neither of the two signs.
walk as (

    select
        generation_at,
        cast(0 as bigint) as turn,
        {{ as_text("'|'") }} as roots,
        {{ as_text('null') }} as verdict

    from cycle_suspects

    group by 1

    union all

    select
        generation_at,
        turn,
        case
            when referee_root <> referee_code or referrer_root = referee_code
                then roots
            else concat(
                replace(
                    roots,
                    concat(':', referee_code, '|'),
                    concat(':', referrer_root, '|')
                ),
                referee_code, ':', referrer_root, '|'
            )
        end as roots,
        case
            when referee_root <> referee_code then 'duplicate_referee'
            when referrer_root = referee_code then 'referral_cycle'
        end as verdict

    from (
        select
            walk.generation_at,
            walk.roots,
            referrals_in_turn.turn,
            referrals_in_turn.referee_code,
            coalesce(
                nullif(
                    split_part(
                        split_part(
                            walk.roots,
                            concat('|', referrals_in_turn.referrer_code, ':'),
                            2
                        ),
                        '|',
                        1
                    ),
                    ''
                ),
                referrals_in_turn.referrer_code
            ) as referrer_root,
            coalesce(
                nullif(
                    split_part(
                        split_part(
                            walk.roots,
                            concat('|', referrals_in_turn.referee_code, ':'),
                            2
                        ),
                        '|',
                        1
                    ),
                    ''
                ),
                referrals_in_turn.referee_code
            ) as referee_root

        from walk
        inner join referrals_in_turn
            on
                walk.generation_at = referrals_in_turn.generation_at
                and referrals_in_turn.turn = walk.turn + 1
                and referrals_in_turn.is_suspect
    ) as roots_before_turn

),

verdicts as (

    select
        referrals_in_turn.referral_id,
        walk.verdict

    from referrals_in_turn
    inner join walk
        on
            referrals_in_turn.generation_at = walk.generation_at
            and referrals_in_turn.turn = walk.turn
            and referrals_in_turn.is_suspect

    union all

    select
        referral_id,
        case when turn_of_referee > 1 then 'duplicate_referee' end as verdict

    from referrals_in_turn

    where not is_suspect

),

judged as (

    select
        checked_referrals.*,
        coalesce(
            checked_referrals.checked_reason_codes, verdicts.verdict
        ) as all_reason_codes

    from checked_referrals
    left join verdicts on checked_referrals.referral_id = verdicts.referral_id

),

final as (

    select
        {{ contract_columns('referrals') }}
        referrer_customer_id,
        referee_customer_id,
        {{ local_date('invited_at') }} as invited_date,
        {{ local_date('accepted_at') }} as accepted_date,
        {{ rejection_columns('referrals', key='row_key', record='raw_record') }}

    from judged

)

select * from final
