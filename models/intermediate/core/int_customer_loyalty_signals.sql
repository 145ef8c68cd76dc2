-- Grain: one row per snapshot date and customer who has rated, won a friend or told a
-- share of wallet by then.

with

customers as (

    select * from {{ ref('int_customers') }}

),

snapshots as (

    select * from {{ ref('int_restated_snapshots') }}

),

behaviours as (

    select
        customers.customer_id,
        behaviour_days.behaviour,
        behaviour_days.activity_date,
        case
            when behaviour_days.behaviour = 'rated' then behaviour_days.occurrence_count
        end as rating_count,
        case
            when behaviour_days.behaviour = 'rated' then behaviour_days.amount
        end as rating_sum,
        case
            when behaviour_days.behaviour = 'referral_accepted'
                then behaviour_days.occurrence_count
        end as referral_count

    from {{ ref('int_customer_behaviour_days') }} as behaviour_days
    inner join customers on behaviour_days.customer_key = customers.customer_key

    where behaviour_days.behaviour in ('rated', 'referral_accepted')

),

-- The latest answer holds until the next; of two at one instant the later id does.
wallet_answers as (

    select
        customer_id,
        score as wallet_share,
        responded_date as valid_from,
        lead(responded_date) over (
            partition by customer_id
            order by responded_at, response_id
        ) as valid_to

    from {{ ref('stg_shop__survey_responses') }}

    where
        survey_type = 'share_of_wallet'
        and customer_id is not null
        and responded_date <= {{ as_of_date() }}

),

signals as (

    select
        behaviours.customer_id,
        snapshots.snapshot_date,
        behaviours.rating_count,
        behaviours.rating_sum,
        behaviours.referral_count,
        null as wallet_share

    from behaviours
    inner join snapshots
        on
            behaviours.activity_date <= snapshots.snapshot_date
            and case behaviours.behaviour
                when 'rated'
                    then {{ in_window(
                        'behaviours.activity_date',
                        'snapshots.snapshot_date',
                        var('loyalty_window_days')
                    ) }}
                else {{ in_window(
                    'behaviours.activity_date',
                    'snapshots.snapshot_date',
                    loyalty_referral_days()
                ) }}
            end

    union all

    select
        wallet_answers.customer_id,
        snapshots.snapshot_date,
        null as rating_count,
        null as rating_sum,
        null as referral_count,
        wallet_answers.wallet_share

    from wallet_answers
    inner join snapshots
        on
            wallet_answers.valid_from <= snapshots.snapshot_date
            and (
                wallet_answers.valid_to is null
                or wallet_answers.valid_to > snapshots.snapshot_date
            )

),

final as (

    select
        customer_id,
        snapshot_date,
        cast(coalesce(sum(rating_count), 0) as bigint) as rating_count,
        cast(coalesce(sum(rating_sum), 0) as decimal(18, 6)) as rating_sum,
        cast(coalesce(sum(referral_count), 0) as bigint) as referral_count,
        cast(max(wallet_share) as decimal(18, 6)) as wallet_share

    from signals

    group by 1, 2

)

select * from final
