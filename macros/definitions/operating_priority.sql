{#
    Whom to look after first: those who are there, then those who promise more, then
    those about to leave, last those who left. Checked from the last to the first.
#}


{#
    Whether a customer has been idle long enough to be about to leave.

    idle_days: SQL of a whole number. Returns: SQL of a boolean.
#}
{% macro is_idle_before_churn(idle_days) -%}
    {{ return(adapter.dispatch('is_idle_before_churn', 'customer_ops')(idle_days)) }}
{%- endmacro %}

{% macro default__is_idle_before_churn(idle_days) -%}
    {{ idle_days }} > cast({{ var('pre_churn_idle_share') }} as decimal(9, 6))
    * {{ var('churn_after_days') }}
{%- endmacro %}


{#
    Whether a first order is fresh and no smaller than the median of the field.

    Reads the row's snapshot_date, first_order_date, average_order_amount, aov_median.
    Returns: SQL of a boolean; null where the customer has no average order.
#}
{% macro is_promising_buyer() -%}
    {{ return(adapter.dispatch('is_promising_buyer', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__is_promising_buyer() -%}
    {{ days_between('first_order_date', 'snapshot_date') }} <= 30
    and {{ rounded('average_order_amount') }} >= aov_median
{%- endmacro %}


{#
    Types say nothing where nobody buys twice: they count only while RFM is applicable.

    Reads the row's idle_days, is_activity_declining, is_on_risk_list, rfm_type,
    is_rfm_applicable and what is_promising_buyer() reads.
    Returns: SQL of a segment code of `operating_priority`.
#}
{% macro operating_priority() -%}
    {{ return(adapter.dispatch('operating_priority', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__operating_priority() -%}
    case
        when idle_days > {{ var('churn_after_days') }} then 'churned'
        when
            {{ is_idle_before_churn('idle_days') }}
            or is_activity_declining
            or is_on_risk_list
            or (is_rfm_applicable and rfm_type = 'important_win_back')
            then 'pre_churn'
        when
            (is_rfm_applicable and rfm_type = 'important_develop')
            or ({{ is_promising_buyer() }})
            then 'high_potential'
        else 'existing'
    end
{%- endmacro %}
