{#
    Loyalty in five stages: none, habit, satisfied, preference, loyal. Each needs the
    one before, so that a friend won by an unhappy customer makes nobody loyal.
#}


{# Returns: the days (in Jinja) over which a friend won counts. #}
{% macro loyalty_referral_days() -%}
    {{ return(adapter.dispatch('loyalty_referral_days', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__loyalty_referral_days() -%}
    {{ return(365) }}
{%- endmacro %}


{# Returns: the days (in Jinja) of either half when orders are compared with before. #}
{% macro loyalty_preference_days() -%}
    {{ return(adapter.dispatch('loyalty_preference_days', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__loyalty_preference_days() -%}
    {{ return(180) }}
{%- endmacro %}


{#
    Whether buying is a habit: three order days, at gaps that do not scatter more than
    their mean (coefficient of variation). With sums instead of sd / mean, because a
    quotient of roots would miss the bound itself by rounding.

    order_day_count: SQL of distinct order days. gap_day_sum, gap_square_sum: SQL of the
    sum of the gaps between them and of its squares. Returns: SQL of a boolean.
#}
{% macro is_habit(order_day_count, gap_day_sum, gap_square_sum) -%}
    {{ return(adapter.dispatch('is_habit', 'customer_ops')(
        order_day_count, gap_day_sum, gap_square_sum
    )) }}
{%- endmacro %}

{% macro default__is_habit(order_day_count, gap_day_sum, gap_square_sum) -%}
    {%- set max_gap_cv = 'cast(' ~ var('loyalty_max_gap_cv') ~ ' as decimal(9, 6))' -%}
    {{ order_day_count }} >= 3
    and ({{ order_day_count }} - 1) * {{ gap_square_sum }}
    - {{ gap_day_sum }} * {{ gap_day_sum }}
    <= {{ max_gap_cv }} * {{ max_gap_cv }}
    * cast({{ gap_day_sum }} * {{ gap_day_sum }} as decimal(18, 0))
{%- endmacro %}


{#
    Whether the customer is content: by his ratings, or, without any, by keeping what he
    bought. Returns: SQL of a boolean.
#}
{% macro is_satisfied(rating_count, rating_sum, refund_count) -%}
    {{ return(adapter.dispatch('is_satisfied', 'customer_ops')(
        rating_count, rating_sum, refund_count
    )) }}
{%- endmacro %}

{% macro default__is_satisfied(rating_count, rating_sum, refund_count) -%}
    case
        when {{ rating_count }} > 0
            then
                {{ rating_sum }}
                >= cast({{ var('positive_rating_min') }} as decimal(9, 6))
                * {{ rating_count }}
        else {{ refund_count }} = 0
    end
{%- endmacro %}


{#
    Whether the customer prefers this shop: by the share of wallet he tells, or, without
    any, by ordering no less than half a year before. Returns: SQL of a boolean.
#}
{% macro is_preferring(wallet_share, order_count, previous_order_count) -%}
    {{ return(adapter.dispatch('is_preferring', 'customer_ops')(
        wallet_share, order_count, previous_order_count
    )) }}
{%- endmacro %}

{% macro default__is_preferring(wallet_share, order_count, previous_order_count) -%}
    case
        when {{ wallet_share }} is not null
            then {{ wallet_share }} >= {{ var('loyalty_min_wallet_share') }}
        else {{ order_count }} >= {{ previous_order_count }}
    end
{%- endmacro %}


{#
    Reads the row's columns of int_customer_rfm_values and int_customer_loyalty_signals.
    Returns: SQL of a segment code of `loyalty_stage`.
#}
{% macro loyalty_stage() -%}
    {{ return(adapter.dispatch('loyalty_stage', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__loyalty_stage() -%}
    case
        when
            not (
                {{ is_habit('order_day_count', 'gap_day_sum', 'gap_square_sum') }}
            )
            then 'none'
        when not {{ is_satisfied('rating_count', 'rating_sum', 'refund_count') }}
            then 'habit'
        when
            not {{ is_preferring(
                'wallet_share',
                'half_year_order_count',
                'previous_half_year_order_count'
            ) }}
            then 'satisfied'
        when
            referral_count >= 1
            or {{ days_between('first_order_date', 'snapshot_date') }}
            >= {{ var('loyalty_tenure_days') }}
            then 'loyal'
        else 'preference'
    end
{%- endmacro %}
