-- Customers below a last cut short of 1 would be in no layer at all.

select max(cut_share) as last_cut_share

from {{ ref('pyramid_cuts') }}

having max(cut_share) is null or max(cut_share) <> 1
