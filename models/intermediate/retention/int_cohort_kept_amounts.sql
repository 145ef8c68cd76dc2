-- Grain: one row per first-order month cohort, channel (and all) and period number with
-- orders of its members.
-- Amounts add up over channels and cohorts.

with

cohort_activity as (

    select * from {{ ref('int_cohort_activity') }}

    where
        cohort_basis = 'first_order'
        and period_grain = 'month'
        and has_order

),

channels as (

    select * from {{ ref('int_retention_channels') }}

),

amounts as (

    select
        customer_key,
        cohort_start_date,
        channel,
        period_number,
        net_amount,

        -- The cohort's own month holds the first order, so it is always the first row.
        first_value(net_amount) over (
            partition by customer_key
            order by period_number
        ) as first_net_amount

    from cohort_activity

),

-- Growth of one customer must not hide what another one no longer spends.
kept as (

    select
        cohort_start_date,
        channel,
        period_number,
        sum(
            case
                when net_amount < first_net_amount then net_amount
                else first_net_amount
            end
        ) as kept_net_amount

    from amounts

    group by 1, 2, 3

),

final as (

    select
        kept.cohort_start_date,
        channels.channel,
        kept.period_number,
        cast(sum(kept.kept_net_amount) as decimal(18, 2)) as kept_net_amount

    from kept
    inner join channels
        on channels.channel = 'all' or channels.channel = kept.channel

    group by 1, 2, 3

)

select * from final
