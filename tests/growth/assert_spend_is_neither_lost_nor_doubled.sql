-- Money that a join drops or doubles makes every acquisition cost wrong.

with

spend as (

    select coalesce(sum(spend_amount), 0) as spend_amount

    from {{ ref('fct_channel_spend') }}

    where spend_date >= {{ history_start_date() }}

),

published as (

    select
        'rpt_channel_spend_daily' as table_name,
        coalesce(sum(spend_amount), 0) as spend_amount

    from {{ ref('rpt_channel_spend_daily') }}

    union all

    select
        'rpt_channel_acquisition' as table_name,
        coalesce(sum(spend_amount), 0) as spend_amount

    from {{ ref('rpt_channel_acquisition') }}

    where channel not in ('all', 'paid')

    union all

    select
        'rpt_channel_acquisition, all' as table_name,
        coalesce(sum(spend_amount), 0) as spend_amount

    from {{ ref('rpt_channel_acquisition') }}

    where channel = 'all'

    union all

    -- Whatever was spent was spent by a channel with spend.
    select
        'rpt_channel_acquisition, paid' as table_name,
        coalesce(sum(spend_amount), 0) as spend_amount

    from {{ ref('rpt_channel_acquisition') }}

    where channel = 'paid'

)

select
    published.table_name,
    published.spend_amount,
    spend.spend_amount as expected_spend_amount

from published
cross join spend

where published.spend_amount <> spend.spend_amount
