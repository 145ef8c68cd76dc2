{#
    The profit life stage: whether the margin of a customer is just beginning, rises,
    stands or falls, from one window of life_stage_days to the next. First match wins.

    A margin is nothing below nine decimals: refunds in thirds leave a crumb of it.

    Reads the row's snapshot_date, is_scored, first_order_date, life_stage_order_count,
    margin_amount and previous_margin_amount (both doubles, added up as decimals).
    Returns: SQL of a segment code of `life_stage`.
#}
{% macro life_stage() -%}
    {{ return(adapter.dispatch('life_stage', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__life_stage() -%}
    case
        when not is_scored then 'no_purchase'
        when
            {{ days_between('first_order_date', 'snapshot_date') }}
            <= {{ var('life_stage_days') }}
            then 'introduction'
        when
            life_stage_order_count = 0
            or {{ rounded('margin_amount', 9) }} <= 0
            or (
                {{ rounded('previous_margin_amount', 9) }} > 0
                and {{ margin_change_rate() }} <= -{{ var('life_stage_change') }}
            )
            then 'decline'
        when
            {{ rounded('previous_margin_amount', 9) }} <= 0
            or {{ margin_change_rate() }} >= {{ var('life_stage_change') }}
            then 'growth'
        else 'mature'
    end
{%- endmacro %}


{#
    By how much the margin changed, as a share of what it was. Rounded to nine decimals,
    or a change of exactly the limit would be missed by the last bit of a double.
#}
{% macro margin_change_rate() -%}
    {{ rounded(
        ratio('margin_amount - previous_margin_amount', 'previous_margin_amount'), 9
    ) }}
{%- endmacro %}
