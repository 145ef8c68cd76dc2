{#
    Customer lifetime value from a constant margin and retention: what a buyer who keeps
    coming back with probability r each month is worth today (S. Gupta and
    D. R. Lehmann, "Customers as Assets", 2003).
#}


{# Returns: SQL of the monthly interest that compounds to the annual discount rate. #}
{% macro monthly_discount_rate() -%}
    (
        power(
            {{ as_double('1 + ' ~ var('annual_discount_rate')) }},
            {{ as_double(1) }} / 12
        ) - 1
    )
{%- endmacro %}


{#
    Value of all payments if the first one comes a month from now, or now.

    margin, retention: SQL of doubles. Returns: SQL of a double, null without an end
    (retention 1 and no interest).
#}
{% macro simple_clv_end(margin, retention) -%}
    {{ margin }} * {{ retention }}
    / nullif(1 + {{ monthly_discount_rate() }} - {{ retention }}, 0)
{%- endmacro %}


{% macro simple_clv_start(margin, retention) -%}
    {{ margin }} * (1 + {{ monthly_discount_rate() }})
    / nullif(1 + {{ monthly_discount_rate() }} - {{ retention }}, 0)
{%- endmacro %}


{#
    Expected number of periods of a customer who stays with probability r in each:
    1 / (1 - r). The other way round, the retention a target lifetime needs.

    retention: SQL of a double. Returns: SQL of a double, null where r is 1.
#}
{% macro expected_lifetime(retention) -%}
    1 / nullif(1 - {{ retention }}, 0)
{%- endmacro %}


{% macro required_retention(lifetime) -%}
    1 - 1 / {{ as_double(lifetime) }}
{%- endmacro %}
