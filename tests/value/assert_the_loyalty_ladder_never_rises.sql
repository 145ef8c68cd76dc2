-- Nobody has a third order without a second, nor lived through the window of the third
-- before that of the second. The first rung of all is every buyer.

with

ladder as (

    select
        *,
        lag(reached_count) over (
            partition by cohort_scope, cohort_month
            order by order_number
        ) as lower_reached_count,
        lag(climbed_count) over (
            partition by cohort_scope, cohort_month
            order by order_number
        ) as lower_climbed_count

    from {{ ref('rpt_loyalty_ladder') }}

),

buyers as (

    select count(*) as buyer_count

    from {{ ref('dim_customers') }}

    where valid_order_count > 0

)

select ladder.*

from ladder
cross join buyers

where
    ladder.reached_count > ladder.lower_reached_count
    or (
        ladder.cohort_scope = 'all'
        and (
            ladder.reached_count <> ladder.lower_climbed_count
            or (
                ladder.order_number = 1
                and ladder.reached_count <> buyers.buyer_count
            )
        )
    )
