{#
    Super users and their activity: Superiority and Thriving of FAST (Alibaba, 2019).
    A super user is worth more than her orders: buying is not required.
#}


{# Returns: the days (in Jinja) over which follows, shares and referrals count. #}
{% macro super_user_window_days() -%}
    {{ return(adapter.dispatch('super_user_window_days', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__super_user_window_days() -%}
    {{ return(365) }}
{%- endmacro %}


{# follow_count: SQL of a count within the window. Returns: SQL of a boolean. #}
{% macro is_fan(follow_count) -%}
    {{ return(adapter.dispatch('is_fan', 'customer_ops')(follow_count)) }}
{%- endmacro %}

{% macro default__is_fan(follow_count) -%}
    {{ follow_count }} >= 1
{%- endmacro %}


{#
    Whether a customer spreads the word: one friend won, or three shares.

    referral_accepted_count, share_count: SQL of counts within the window.
    Returns: SQL of a boolean.
#}
{% macro is_high_spread(referral_accepted_count, share_count) -%}
    {{ return(adapter.dispatch('is_high_spread', 'customer_ops')(
        referral_accepted_count, share_count
    )) }}
{%- endmacro %}

{% macro default__is_high_spread(referral_accepted_count, share_count) -%}
    {{ referral_accepted_count }} >= 1 or {{ share_count }} >= 3
{%- endmacro %}


{#
    Whether what a customer did on a date is taking part, which shows a super user alive
    as an order does. A login or a view alone does not.

    Returns: SQL of a boolean over a row of int_behaviour_days_widened.
#}
{% macro is_taking_part() -%}
    {{ return(adapter.dispatch('is_taking_part', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__is_taking_part() -%}
    favourite_count
    + claim_count
    + redeem_count
    + share_count
    + comment_count
    + like_count
    + follow_count
    + review_count
    + check_in_count
    > 0
{%- endmacro %}
