-- Three rates that do not multiply to K would send a team to improve the wrong one.

select
    cohort_month,
    channel,
    k_factor,
    share_rate * invites_per_sharer * acceptance_rate as product

from {{ ref('rpt_viral_growth') }}

where
    sharing_customer_count > 0
    and is_mature
    and (
        k_factor is null
        or abs(k_factor - share_rate * invites_per_sharer * acceptance_rate) > 1e-9
    )
