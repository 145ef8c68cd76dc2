{#
    Whether an order counts: its present status alone decides, so that a gift and a
    fully refunded order are orders too.

    status: SQL of the order's status. Returns: SQL of a boolean.
#}
{% macro is_valid_order(status) -%}
    {{ return(adapter.dispatch('is_valid_order', 'customer_ops')(status)) }}
{%- endmacro %}

{% macro default__is_valid_order(status) -%}
    {{ status }} in ({{ quoted_list(var('valid_order_statuses')) }})
{%- endmacro %}


{#
    What an order earns. With a known cost: net less the cost of what was not sent back
    (refund_reverses_cost; a gift that was free from the start costs all of it). Else a
    share of net, gross_margin_rate.

    net, charged (gross less discount), cost: SQL of decimals; cost null = unknown.
    Returns: SQL of a double.
#}
{% macro order_margin(net, charged, cost) -%}
    {{ return(adapter.dispatch('order_margin', 'customer_ops')(net, charged, cost)) }}
{%- endmacro %}

{% macro default__order_margin(net, charged, cost) -%}
    case
        when {{ cost }} is null
            then {{ as_double(net) }} * {{ var('gross_margin_rate') }}
        {% if var('refund_reverses_cost') -%}
        when {{ charged }} <> 0
            then
                {{ as_double(net) }}
                - {{ as_double(cost) }} * {{ as_double(net) }}
                / {{ as_double(charged) }}
        {% endif -%}
        else {{ as_double(net) }} - {{ as_double(cost) }}
    end
{%- endmacro %}
