-- A period that does not start where the one before ended makes growth out of nothing:
-- customers and money must balance from period to period (I-07).

with

accounting as (

    select * from {{ ref('rpt_growth_accounting') }}

),

followed as (

    select
        *,
        new_net_amount
        + resurrected_net_amount
        + retained_net_amount
        + expansion_net_amount as period_net_amount,
        lag(active_customer_count) over channel_history as previous_customer_count,
        lag(
            new_net_amount
            + resurrected_net_amount
            + retained_net_amount
            + expansion_net_amount
        ) over channel_history as previous_net_amount

    from accounting

    window
        channel_history as (
            partition by population, period_grain, channel
            order by period_start_date
        )

)

select * from followed

where
    active_customer_count
    <> new_customer_count + retained_customer_count + resurrected_customer_count
    or previous_customer_count <> retained_customer_count + churned_customer_count
    or previous_net_amount
    <> retained_net_amount + contraction_net_amount + churned_net_amount
