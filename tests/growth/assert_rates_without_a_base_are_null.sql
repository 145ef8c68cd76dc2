-- A zero where there is no base reads as failure: nobody asked is not nobody came.

select
    'rpt_fast_index' as table_name,
    {{ as_text('snapshot_date') }} as row_name

from {{ ref('rpt_fast_index') }}

where
    (start_date is null and advancing_rate is not null)
    or (superiority_count = 0 and thriving_rate is not null)

union all

select
    'rpt_viral_growth' as table_name,
    concat({{ as_text('cohort_month') }}, ' ', channel) as row_name

from {{ ref('rpt_viral_growth') }}

where
    (registered_count = 0 and (k_factor is not null or share_rate is not null))
    or (sharing_customer_count = 0 and invites_per_sharer is not null)
    or (invite_count = 0 and acceptance_rate is not null)
    or (accepted_count = 0 and viral_cycle_days is not null)
    or (is_mature and registered_count > 0 and k_factor is null)

union all

select
    'rpt_channel_acquisition' as table_name,
    concat({{ as_text('month_start_date') }}, ' ', channel) as row_name

from {{ ref('rpt_channel_acquisition') }}

where
    (impression_count = 0) <> (click_rate is null)
    or (impression_count = 0) <> (cost_per_mille_amount is null)
    or (click_count = 0) <> (conversion_rate is null)
    or (click_count = 0) <> (cost_per_click_amount is null)
    or (registered_count = 0) <> (cost_per_registration_amount is null)
    or ({{ acquired_count('new_buyer_count', 'registered_count') }} = 0)
    <> (cac_amount is null)
