-- Grain: one row per snapshot date with a customer who has ever ordered.
-- Everybody who ever ordered is measured; who never did would only pull all marks down.

with

customer_values as (

    select * from {{ ref('int_customer_rfm_values') }}

    where is_scored

),

final as (

    select
        snapshot_date,
        cast(count(*) as bigint) as scored_customer_count,
        cast(sum(case when frequency_count >= 2 then 1 else 0 end) as bigint)
            as repeat_customer_count,
        {{ quantile('recency_days', 0.2) }} as recency_20,
        {{ quantile('recency_days', 0.4) }} as recency_40,
        {{ quantile('recency_days', 0.6) }} as recency_60,
        {{ quantile('recency_days', 0.8) }} as recency_80,
        {{ quantile('recency_days', 0.5) }} as recency_median,
        {{ quantile('frequency_count', 0.2) }} as frequency_20,
        {{ quantile('frequency_count', 0.4) }} as frequency_40,
        {{ quantile('frequency_count', 0.6) }} as frequency_60,
        {{ quantile('frequency_count', 0.8) }} as frequency_80,
        {{ quantile('frequency_count', 0.5) }} as frequency_median,
        {{ quantile('monetary_amount', 0.2) }} as monetary_20,
        {{ quantile('monetary_amount', 0.4) }} as monetary_40,
        {{ quantile('monetary_amount', 0.6) }} as monetary_60,
        {{ quantile('monetary_amount', 0.8) }} as monetary_80,
        {{ quantile('monetary_amount', 0.5) }} as monetary_median,
        {{ quantile('average_order_amount', 0.5) }} as aov_median,
        {{ quantile('average_order_amount', var('mid_aov_quantiles')[0]) }} as aov_low,
        {{ quantile('average_order_amount', var('mid_aov_quantiles')[1]) }} as aov_high

    from customer_values

    group by 1

)

select * from final
