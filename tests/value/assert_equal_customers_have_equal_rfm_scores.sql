-- Scores that split equal customers would send one of two twins a coupon.

select
    snapshot_date,
    recency_days,
    frequency_count,
    monetary_amount

from {{ ref('fct_customer_rfm_scores') }}

where is_scored

group by 1, 2, 3, 4

having
    count(distinct rfm_cell) > 1
    or count(distinct rfm_type) > 1
    or count(distinct rfm_rank) > 1
    or count(distinct rfm_grade) > 1
