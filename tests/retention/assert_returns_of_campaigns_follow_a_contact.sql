-- A return credited to a campaign that sent nothing, or credited twice, would pay for
-- messages that nobody read.

with

published as (

    select coalesce(sum(campaign_returned_count), 0) as campaign_returned_count

    from {{ ref('fct_churn_daily') }}

),

last_contacts as (

    select
        spans.customer_id,
        spans.valid_to as return_date,
        max(contacts.sent_date) as last_sent_date

    from {{ ref('fct_customer_segment_spans') }} as spans
    inner join {{ ref('stg_shop__contacts') }} as contacts
        on
            spans.customer_id = contacts.customer_id
            and spans.valid_to >= contacts.sent_date

    where
        spans.segmentation = 'churn_status'
        and spans.segment = 'churned'

    group by 1, 2

),

recounted as (

    select count(*) as campaign_returned_count

    from last_contacts

    where
        {{ days_between('last_sent_date', 'return_date') }}
        < {{ var('return_contact_days') }}

)

select
    published.campaign_returned_count,
    recounted.campaign_returned_count as expected_count

from published
cross join recounted

where published.campaign_returned_count <> recounted.campaign_returned_count
