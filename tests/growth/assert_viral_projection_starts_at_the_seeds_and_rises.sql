-- Totals that fall, or new customers other than total less seeds, deny the formula.
-- Near the end of a series that dies out (K < 1) equal totals differ by a rounding.

with

projection as (

    select
        day_number,
        projected_total_count,
        projected_new_count,
        lag(projected_total_count) over (order by day_number) as previous_total_count,
        first_value(projected_total_count) over (order by day_number) as seed_count

    from {{ ref('rpt_viral_projection') }}

)

select * from projection

where
    projected_total_count < previous_total_count * (1 - 1e-12)
    or abs(projected_new_count - (projected_total_count - seed_count))
    > 1e-9 * projected_total_count
    or (day_number = 0 and projected_new_count <> 0)
