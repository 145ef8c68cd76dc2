-- Grain: one row per customer and date of a warning: the end of a week in which logins
-- had fallen, or an observation at which a rule of the present risk list matched.

with

customers as (

    select * from {{ ref('int_customers') }}

),

weeks as (

    select
        customer_key,
        period_start_date,
        login_count,
        lag(period_start_date) over life as week_before,
        lag(login_count) over life as login_count_before,
        lead(period_start_date) over life as week_after,
        lead(login_count) over life as login_count_after

    from {{ ref('int_customer_periods') }}

    where period_grain = 'week' and has_login

    window
        life as (
            partition by customer_key
            order by period_start_date
        )

),

-- A decline has logins in its first and its second week, so a pair of neighbouring
-- weeks finds it. The third may be empty: then no row stands for it.
pairs as (

    select
        customer_key,
        week_before as first_week_start_date,
        login_count_before as first_week_login_count,
        login_count as second_week_login_count,
        case
            when week_after = {{ add_days('period_start_date', 7) }}
                then login_count_after
            else 0
        end as third_week_login_count

    from weeks

    where week_before = {{ add_days('period_start_date', -7) }}

),

declines as (

    select
        pairs.customer_key,
        {{ add_days('pairs.first_week_start_date', 20) }} as warning_date

    from pairs
    inner join customers
        on
            pairs.customer_key = customers.customer_key
            and pairs.first_week_start_date >= customers.entry_date

    where
        {{ is_declining(
            'pairs.first_week_login_count',
            'pairs.second_week_login_count',
            'pairs.third_week_login_count'
        ) }}
        and {{ add_days('pairs.first_week_start_date', 20) }} <= {{ as_of_date() }}

),

matches as (

    select
        matches.customer_key,
        matches.observation_date as warning_date

    from {{ ref('int_customer_risk_matches') }} as matches
    inner join {{ ref('int_risk_rule_statistics') }} as rules
        on matches.rule_id = rules.rule_id

    where rules.is_listed

),

final as (

    select * from declines
    union distinct
    select * from matches

)

select * from final
