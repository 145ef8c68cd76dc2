-- Grain: one row per snapshot date and customer who exists then.

with

activity as (

    select * from {{ ref('int_customer_snapshot_activity') }}

),

customer_values as (

    select * from {{ ref('int_customer_rfm_values') }}

),

scores as (

    select * from {{ ref('int_customer_rfm_scores') }}

),

thresholds as (

    select * from {{ ref('int_rfm_thresholds') }}

),

pyramid_layers as (

    select * from {{ ref('int_customer_pyramid_layers') }}

),

loyalty_signals as (

    select * from {{ ref('int_customer_loyalty_signals') }}

),

tiers as (

    select
        tier,
        lower_amount,
        lead(lower_amount) over (order by lower_amount) as next_lower_amount

    from {{ ref('membership_tiers') }}

),

login_declines as (

    select
        customer_id,
        snapshot_date,
        is_activity_declining

    from {{ ref('int_customer_login_declines') }}

    where is_activity_declining

),

-- The list is today's: who was on it in the past is not asked.
risks as (

    select
        customer_id,
        {{ as_of_date() }} as snapshot_date

    from {{ ref('int_customer_risks') }}

),

gathered as (

    select
        customer_values.*,
        activity.entry_date,
        activity.idle_days,
        activity.activity_day_count,
        activity.interest_event_count,
        scores.rfm_type,
        scores.rule_tier,
        thresholds.aov_median,
        thresholds.is_rfm_applicable,
        pyramid_layers.pyramid_layer,
        loyalty_signals.rating_count,
        loyalty_signals.rating_sum,
        loyalty_signals.referral_count,
        loyalty_signals.wallet_share,
        tiers.tier,
        login_declines.is_activity_declining,
        risks.customer_id is not null as is_on_risk_list

    from customer_values
    inner join activity
        on
            customer_values.customer_id = activity.customer_id
            and customer_values.snapshot_date = activity.snapshot_date
    inner join scores
        on
            customer_values.customer_id = scores.customer_id
            and customer_values.snapshot_date = scores.snapshot_date
    left join thresholds on customer_values.snapshot_date = thresholds.snapshot_date
    left join pyramid_layers
        on
            customer_values.customer_id = pyramid_layers.customer_id
            and customer_values.snapshot_date = pyramid_layers.snapshot_date
    left join loyalty_signals
        on
            customer_values.customer_id = loyalty_signals.customer_id
            and customer_values.snapshot_date = loyalty_signals.snapshot_date
    left join tiers
        on
            customer_values.annual_net_amount >= tiers.lower_amount
            and (
                tiers.next_lower_amount is null
                or customer_values.annual_net_amount < tiers.next_lower_amount
            )
    left join login_declines
        on
            customer_values.customer_id = login_declines.customer_id
            and customer_values.snapshot_date = login_declines.snapshot_date
    left join risks
        on
            customer_values.customer_id = risks.customer_id
            and customer_values.snapshot_date = risks.snapshot_date

),

final as (

    select
        customer_id,
        snapshot_date,
        is_month_end,
        rfm_type,
        rule_tier,
        coalesce(pyramid_layer, 'no_value') as pyramid_layer,
        {{ loyalty_stage() }} as loyalty_stage,
        coalesce(tier, 'none') as membership_tier,
        {{ life_stage() }} as life_stage,
        {{ strategy_layer() }} as strategy_layer,
        {{ operating_priority() }} as operating_priority

    from gathered

)

select * from final
