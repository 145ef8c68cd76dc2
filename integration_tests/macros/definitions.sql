{# In this company an order counts once it is settled. #}
{% macro default__is_valid_order(status) -%}
    ({{ status }} = 'completed')
{%- endmacro %}


{# One order of a thousand is as good as many. #}
{% macro default__is_high_value_repeat(order_count, net_amount) -%}
    (
        {{ net_amount }} >= 800
        or {{ customer_ops.default__is_high_value_repeat(order_count, net_amount) }}
    )
{%- endmacro %}
