-- Grain: one row per raw row that broke a rule of the input contract.
-- Nothing is lost: what no metric uses is kept here with its reason and raw content.

{% set inputs = built_inputs() -%}

with

rejected as (

    {% for input_name in inputs -%}
    select
        '{{ input_name }}' as input_name,
        row_key,
        reason_code,
        all_reason_codes,
        raw_record
    from {{ ref('base_shop__' ~ input_name) }}
    where reason_code is not null
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

numbered as (

    select
        *,

        -- Equal raw rows cannot be told apart; their number makes the id unique.
        row_number() over (
            partition by input_name, raw_record
            order by all_reason_codes, row_key nulls first
        ) as copy_number

    from rejected

),

final as (

    select
        md5(concat(input_name, '|', raw_record, '|', {{ as_text('copy_number') }}))
            as rejected_row_id,
        input_name,
        row_key,
        reason_code,
        all_reason_codes,
        raw_record

    from numbered

)

select * from final
