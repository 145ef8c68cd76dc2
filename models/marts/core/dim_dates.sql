-- Grain: one row per date from the first of history to the as-of date, without gaps.

with

bounds as (

    select * from {{ ref('stg_shop__clock') }}

    where as_of_date is not null

),

-- Two hundred years of days; the first number is 1.
numbers as (

    {{ dbt.generate_series(73049) }}

),

days as (

    select
        {{ add_days('bounds.history_start_date', 'numbers.generated_number - 1') }}
            as date_day,
        bounds.as_of_date

    from bounds
    inner join numbers
        on
            numbers.generated_number - 1
            <= {{ days_between('bounds.history_start_date', 'bounds.as_of_date') }}

),

final as (

    select
        date_day,
        {{ week_start('date_day') }} as week_start_date,
        {{ month_start('date_day') }} as month_start_date,
        {{ quarter_start('date_day') }} as quarter_start_date,
        true as is_complete_day,
        {{ add_days(week_start('date_day'), 6) }} <= as_of_date as is_complete_week,
        {{ month_end('date_day') }} <= as_of_date as is_complete_month,
        {{ month_end(add_days(quarter_start('date_day'), 70)) }} <= as_of_date
            as is_complete_quarter

    from days

)

select * from final
