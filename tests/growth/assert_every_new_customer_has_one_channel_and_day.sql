-- A customer acquired twice halves the cost of acquisition; one left out raises it.

with

expected as (

    select
        (
            select count(*) from {{ ref('int_customers') }}
            where registration_date is not null
        ) as registered_count,
        (
            select count(*) from {{ ref('fct_orders') }}
            where is_first_valid_order
        ) as new_buyer_count

),

published as (

    select
        coalesce(sum(case when channel = 'all' then registered_count end), 0)
            as registered_count,
        coalesce(
            sum(case when channel not in ('all', 'paid') then registered_count end), 0
        ) as registered_count_by_channel,
        coalesce(sum(case when channel = 'all' then new_buyer_count end), 0)
            as new_buyer_count,
        coalesce(
            sum(case when channel not in ('all', 'paid') then new_buyer_count end), 0
        ) as new_buyer_count_by_channel

    from {{ ref('rpt_channel_acquisition') }}

),

daily as (

    select coalesce(sum(new_buyer_count), 0) as new_buyer_count

    from {{ ref('rpt_channel_spend_daily') }}

)

select
    published.*,
    daily.new_buyer_count as daily_new_buyer_count

from published
cross join daily
cross join expected

where
    published.registered_count <> expected.registered_count
    or published.registered_count_by_channel <> expected.registered_count
    or published.new_buyer_count <> expected.new_buyer_count
    or published.new_buyer_count_by_channel <> expected.new_buyer_count
    or daily.new_buyer_count <> expected.new_buyer_count
