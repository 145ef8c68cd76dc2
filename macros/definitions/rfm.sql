{#
    RFM: recency, frequency and monetary value of a customer (A. M. Hughes, "Strategic
    Database Marketing", 1994), in scores that never split equal customers.
#}


{#
    Score of a value where more is better: one more for each breakpoint below it.

    value: SQL of a number. breakpoints: prefix of four columns, <prefix>_20 … _80.
    Returns: SQL of an integer from 1 to 5.
#}
{% macro rfm_score(value, breakpoints) -%}
    {{ return(adapter.dispatch('rfm_score', 'customer_ops')(value, breakpoints)) }}
{%- endmacro %}

{% macro default__rfm_score(value, breakpoints) -%}
    1
    {% for percent in (20, 40, 60, 80) -%}
    + case when {{ breakpoints }}_{{ percent }} < {{ value }} then 1 else 0 end
    {% endfor %}
{%- endmacro %}


{# The same where less is better, as with days since the last order. #}
{% macro rfm_recency_score(value, breakpoints) -%}
    {{ return(adapter.dispatch('rfm_recency_score', 'customer_ops')(
        value, breakpoints
    )) }}
{%- endmacro %}

{% macro default__rfm_recency_score(value, breakpoints) -%}
    1
    {% for percent in (20, 40, 60, 80) -%}
    + case when {{ breakpoints }}_{{ percent }} > {{ value }} then 1 else 0 end
    {% endfor %}
{%- endmacro %}


{#
    Whether a customer is on the high side of a dimension. By rfm_split: his score
    reaches the mean score (multiplied out, because a mean would be rounded), or his
    value reaches the median.

    dimension: recency, frequency or monetary. value: column of customer_values.
    Reads the relations customer_values, points and thresholds.
    Returns: SQL of a boolean, null for a customer who never ordered.
#}
{% macro is_rfm_high(dimension, value, less_is_better=false) -%}
    {{ return(adapter.dispatch('is_rfm_high', 'customer_ops')(
        dimension, value, less_is_better
    )) }}
{%- endmacro %}

{% macro default__is_rfm_high(dimension, value, less_is_better=false) -%}
    {%- if var('rfm_split') == 'mean_score' -%}
        points.{{ dimension }}_score * thresholds.scored_customer_count
        >= thresholds.{{ dimension }}_score_sum
    {%- else -%}
        customer_values.{{ value }} {{ '<=' if less_is_better else '>=' }}
        thresholds.{{ dimension }}_median
    {%- endif -%}
{%- endmacro %}


{#
    Name of one of the eight types: three bits, of which money decides between important
    and general, and the other two what to do next.

    Parameters: SQL of booleans, null for a customer who never ordered.
    Returns: SQL of a segment code of `rfm_type`.
#}
{% macro rfm_type(is_recency_high, is_frequency_high, is_monetary_high) -%}
    {{ return(adapter.dispatch('rfm_type', 'customer_ops')(
        is_recency_high, is_frequency_high, is_monetary_high
    )) }}
{%- endmacro %}

{% macro default__rfm_type(is_recency_high, is_frequency_high, is_monetary_high) -%}
    case
        when {{ is_monetary_high }} is null then 'unscored'
        else concat(
            case when {{ is_monetary_high }} then 'important_' else 'general_' end,
            case
                when {{ is_recency_high }} and {{ is_frequency_high }} then 'value'
                when {{ is_frequency_high }} then 'keep'
                when {{ is_recency_high }} then 'develop'
                else 'win_back'
            end
        )
    end
{%- endmacro %}


{# The three bits as text, such as '101'; null where they are null. #}
{% macro rfm_type_code(is_recency_high, is_frequency_high, is_monetary_high) -%}
    case
        when {{ is_monetary_high }} is not null
            then concat(
                case when {{ is_recency_high }} then '1' else '0' end,
                case when {{ is_frequency_high }} then '1' else '0' end,
                case when {{ is_monetary_high }} then '1' else '0' end
            )
    end
{%- endmacro %}


{#
    Whether orders are many and large enough for the high-value tier. The average is
    compared by multiplication, so that 199.99 never rounds to 200.

    order_count, net_amount: SQL of an integer and a decimal. Returns: SQL of a boolean.
#}
{% macro is_high_value_repeat(order_count, net_amount) -%}
    {{ return(adapter.dispatch('is_high_value_repeat', 'customer_ops')(
        order_count, net_amount
    )) }}
{%- endmacro %}

{% macro default__is_high_value_repeat(order_count, net_amount) -%}
    {{ order_count }} >= {{ var('high_value_min_orders') }}
    and {{ net_amount }}
    >= cast({{ var('high_value_min_aov') }} as decimal(18, 6)) * {{ order_count }}
{%- endmacro %}


{#
    The tier of the ordered rule list, first match wins: never purchased, sleeping, high
    value with repeat orders, new with potential (an average order in the middle of the
    field), regular.

    Reads the row's snapshot_date, is_scored, first_order_date, last_order_date,
    recent_order_count, recent_net_amount, average_order_amount, aov_low and aov_high.
    Returns: SQL of a segment code of `rule_tier`.
#}
{% macro rule_tier() -%}
    {{ return(adapter.dispatch('rule_tier', 'customer_ops')()) }}
{%- endmacro %}

{% macro default__rule_tier() -%}
    case
        when not is_scored then 'never_purchased'
        when
            {{ days_between('last_order_date', 'snapshot_date') }}
            >= {{ var('sleeping_after_days') }}
            then 'sleeping'
        when {{ is_high_value_repeat('recent_order_count', 'recent_net_amount') }}
            then 'high_value_repeat'
        when
            {{ days_between('first_order_date', 'snapshot_date') }}
            <= {{ var('potential_new_days') }}
            and {{ rounded('average_order_amount') }} between aov_low and aov_high
            then 'potential_new'
        else 'regular'
    end
{%- endmacro %}
