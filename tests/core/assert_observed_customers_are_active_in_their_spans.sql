-- Risk rules and churn spans count idle days by themselves. Were they to disagree, a
-- customer would be warned of who is long gone, or one at risk be left out.

with

observed as (

    select
        observation_date,
        customer_id

    from {{ ref('int_customer_risk_features') }}

),

active as (

    select
        snapshots.snapshot_date as observation_date,
        spans.customer_id

    from {{ ref('int_snapshot_dates') }} as snapshots
    inner join {{ ref('fct_customer_segment_spans') }} as spans
        on
            spans.valid_from <= snapshots.snapshot_date
            and (spans.valid_to > snapshots.snapshot_date or spans.valid_to is null)

    where spans.segmentation = 'churn_status' and spans.segment = 'active'

)

select
    observed.customer_id as observed_customer_id,
    active.customer_id as active_customer_id,
    active.observation_date

from observed
full outer join active
    on
        observed.observation_date = active.observation_date
        and observed.customer_id = active.customer_id

where observed.customer_id is null or active.customer_id is null
