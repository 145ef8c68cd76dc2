-- Grain: one row per input and optional column in which accepted rows had a value that
-- could not be read or is not allowed; the row stays, the value became null.

with

refused as (

    {% for input_name in built_inputs() -%}
    {% for name, column in input_contract()[input_name].columns.items()
        if nulls_bad_values(column) -%}
    select
        '{{ input_name }}' as input_name,
        '{{ name }}' as column_name,
        {{ name }}_nulled_value as refused_value
    from {{ ref('base_shop__' ~ input_name) }}
    where reason_code is null and {{ name }}_nulled_value is not null
    union all
    {% endfor -%}
    {%- endfor %}
    -- Later than the as-of date, which is known only after the users are.
    select
        'users' as input_name,
        'birth_year' as column_name,
        {{ as_text('birth_year') }} as refused_value
    from {{ ref('base_shop__users') }}
    where
        reason_code is null
        and birth_year > extract(year from {{ requested_date() }})

),

final as (

    select
        input_name,
        column_name,
        count(*) as nulled_count,
        min(refused_value) as example_value

    from refused

    group by 1, 2

)

select * from final
