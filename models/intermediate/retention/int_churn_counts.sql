-- Grain: one row per date from the first of history to the as-of date.
-- Flows add up over dates; customers and the churned among them do not.

with

spans as (

    select * from {{ ref('fct_customer_segment_spans') }}

    where segmentation = 'churn_status'

),

dates as (

    select * from {{ ref('dim_dates') }}

),

returns as (

    -- The date a churned span ends is the first date back.
    select
        customer_id,
        valid_to as return_date

    from spans

    where
        segment = 'churned'
        and valid_to is not null

),

-- However many contacts went before, one return counts once.
campaign_returns as (

    select distinct
        returns.customer_id,
        returns.return_date

    from returns
    inner join {{ ref('int_contact_days') }} as contacts
        on
            returns.customer_id = contacts.customer_id
            and contacts.sent_date <= returns.return_date

    where
        {{ in_window(
            'contacts.sent_date', 'returns.return_date', var('return_contact_days')
        ) }}

),

campaign_returns_by_date as (

    select
        return_date,
        count(*) as campaign_returned_count

    from campaign_returns

    group by 1

),

borders as (

    select
        valid_from as border_date,
        1 as customer_step,
        case when segment = 'churned' then 1 else 0 end as newly_churned,
        0 as returned

    from spans

    union all

    select
        valid_to as border_date,
        -1 as customer_step,
        0 as newly_churned,
        case when segment = 'churned' then 1 else 0 end as returned

    from spans

    where valid_to is not null

),

borders_by_date as (

    select
        border_date,
        sum(customer_step) as customer_step,
        sum(newly_churned) as newly_churned_count,
        sum(returned) as returned_count

    from borders

    group by 1

),

flows as (

    select
        dates.date_day,
        coalesce(borders_by_date.customer_step, 0) as customer_step,
        cast(coalesce(borders_by_date.newly_churned_count, 0) as bigint)
            as newly_churned_count,
        cast(coalesce(borders_by_date.returned_count, 0) as bigint) as returned_count,
        cast(coalesce(campaign_returns_by_date.campaign_returned_count, 0) as bigint)
            as campaign_returned_count

    from dates
    left join borders_by_date on dates.date_day = borders_by_date.border_date
    left join campaign_returns_by_date
        on dates.date_day = campaign_returns_by_date.return_date

),

final as (

    select
        date_day,
        newly_churned_count,
        returned_count,
        campaign_returned_count,
        cast(sum(customer_step) over until_date as bigint) as customer_count,
        cast(
            sum(newly_churned_count - returned_count) over until_date as bigint
        ) as churned_count

    from flows

    window
        until_date as (
            order by date_day
            rows between unbounded preceding and current row
        )

)

select * from final
