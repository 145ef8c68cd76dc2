{#
    Gamma-Gamma, a model of how much customers spend (P. S. Fader and B. G. S. Hardie,
    "The Gamma-Gamma Model of Monetary Value", 2013): amounts of a customer are gamma
    distributed around his own mean, and the means over customers as one over a gamma
    variable. A customer with few orders is drawn towards the mean of all.

    A customer is two numbers: x repeat orders, m their mean amount.
#}


{#
    The coordinates by which the parameters are searched: amounts tell their mean, which
    is nearly p * v / q, before anything else.

    Returns: dict, name -> SQL, as maximised() wants it.
#}
{% macro gamma_gamma_parameters() -%}
    {{ return({
        'p': 'exp({p})',
        'q': 'exp({q})',
        'v': 'exp({v} + {q} - {p})',
    }) }}
{%- endmacro %}


{#
    The log-likelihood as a sum over rows of two kinds, as for bg_nbd_log_likelihood().

    Reads statistics.x, statistics.amount (null in rows of the first kind),
    statistics.log_amount (sum over the customers), statistics.weight (customers) and
    candidate.p, q, v. Returns: SQL of a double.
#}
{% macro gamma_gamma_log_likelihood() -%}
    case
        when statistics.amount is null
            then
                statistics.weight * (
                    {{ log_gamma('(candidate.p * statistics.x + candidate.q)') }}
                    - {{ log_gamma('(candidate.p * statistics.x)') }}
                    - {{ log_gamma('candidate.q') }}
                    + candidate.q * ln(candidate.v)
                    + candidate.p * statistics.x * ln(statistics.x)
                )
                + (candidate.p * statistics.x - 1) * statistics.log_amount
        else
            -statistics.weight
            * (candidate.p * statistics.x + candidate.q)
            * ln(statistics.x * statistics.amount + candidate.v)
    end
{%- endmacro %}


{#
    The expected amount of a customer's next order: between his own mean and that of all
    customers, which it is without a repeat order.

    x, amount: SQL of his repeat orders and their mean. Reads the relation amounts with
    p, q, v. Returns: SQL of a double, null if q <= 1, where all customers have no mean.
#}
{% macro gamma_gamma_amount(x, amount) -%}
    case
        when amounts.q <= 1 then null
        when {{ x }} = 0 or {{ amount }} <= 0
            then amounts.v * amounts.p / (amounts.q - 1)
        else
            (amounts.v + {{ x }} * {{ amount }}) * amounts.p
            / (amounts.p * {{ x }} + amounts.q - 1)
    end
{%- endmacro %}
