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

amounts as (

    select
        customer_id,
        cohort_start_date,
        channel,
        period_number,
        net_amount,

        -- The cohort's own month holds the first order, so it is always the first row.
        first_value(net_amount) over (
            partition by customer_id
            order by period_number
        ) as first_net_amount

    from cohort_activity

),

final as (

    -- Growth of one customer must not hide what another one no longer spends.
    select
        cohort_start_date,
        coalesce(channel, 'all') as channel,
        period_number,
        cast(
            sum(
                case
                    when net_amount < first_net_amount then net_amount
                    else first_net_amount
                end
            ) as decimal(18, 2)
        ) as kept_net_amount

    from amounts

    group by
        grouping sets (
            (cohort_start_date, channel, period_number),
            (cohort_start_date, period_number)
        )

)

select * from final
