-- Grain: one row per period grain and bracket of the variable retention_brackets.

with

brackets as (

    -- A first row that is never there: without any bracket the table is empty.
    select
        'day' as period_grain,
        0 as bracket_from,
        0 as bracket_to

    where false

    {% for period_grain, brackets in var('retention_brackets').items() -%}
    {%- for bracket in brackets -%}
    union all

    select
        '{{ period_grain }}' as period_grain,
        {{ bracket[0] }} as bracket_from,
        {{ bracket[1] }} as bracket_to

    {% endfor -%}
    {%- endfor %}

),

final as (

    -- Distinct: a bracket written twice is still one bracket.
    select distinct
        period_grain,
        bracket_from,
        bracket_to

    from brackets

)

select * from final
