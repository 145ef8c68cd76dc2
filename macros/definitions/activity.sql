{#
    Whether a customer day counts as activity.

    variable: activity_types or churn_activity, a list of login, order, event.
    Returns: SQL of a boolean over a row of counts of one customer day.
#}
{% macro is_active_by(variable) -%}
    {{ return(adapter.dispatch('is_active_by', 'customer_ops')(variable)) }}
{%- endmacro %}

{% macro default__is_active_by(variable) -%}
    {%- set counts = {
        'login': 'login_count', 'order': 'valid_order_count', 'event': 'event_count',
    } -%}
    {%- for type in var(variable) -%}
        {{ counts[type] }} > 0{{ ' or ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
    The behaviours that have a count of their own in a customer day, beside logins and
    orders: event names, and what is read from users, referrals and ratings.

    Returns: list of texts.
#}
{% macro counted_behaviours() -%}
    {{ return([
        'impression',
        'click',
        'view',
        'search',
        'compare',
        'favourite',
        'cart',
        'checkout',
        'follow',
        'like',
        'share',
        'comment',
        'review',
        'claim',
        'enquiry',
        'support',
        'complaint',
        'publish',
        'check_in',
        'lottery',
        'game',
        'redeem',
        'trial_start',
        'use',
        'registration',
        'membership',
        'invite_sent',
        'referral_accepted',
        'rated',
        'buyer_share',
        'buyer_referral',
        'buyer_positive_review',
    ]) }}
{%- endmacro %}


{#
    The behaviours that a customer shows on most of her days, each with a count in
    int_everyday_behaviours.

    Returns: list of texts.
#}
{% macro everyday_behaviours() -%}
    {{ return(['exposure', 'browse', 'churn_activity', 'login']) }}
{%- endmacro %}
