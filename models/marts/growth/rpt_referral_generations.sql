-- Grain: one row per generation of the referral forest; 0 is everyone not referred.

with

generations as (

    select
        generation,
        count(*) as customer_count

    from {{ ref('int_customer_generations') }}

    group by 1

),

final as (

    -- Nobody is in generation 2 without a referrer in 1, so the next row is the next
    -- generation.
    select
        generation,
        cast(customer_count as bigint) as customer_count,
        {{ ratio(
            'coalesce(lead(customer_count) over (order by generation), 0)',
            'customer_count'
        ) }} as k_factor

    from generations

)

select * from final
