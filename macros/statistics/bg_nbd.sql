{#
    BG/NBD, a model of how often customers buy and when they stop (P. S. Fader,
    B. G. S. Hardie and K. L. Lee, "'Counting Your Customers' the Easy Way", Marketing
    Science 24, 2005): an active customer buys at random at his own rate, and leaves for
    good with his own probability after each purchase. Rates are gamma distributed over
    customers (r, alpha), probabilities beta distributed (a, b).

    A customer is three numbers: x days with an order after the first, t_x weeks from
    the first order to the last, T weeks from the first to the end of observation.
#}


{#
    The coordinates by which the parameters are searched: orders tell the mean rate of
    buying, r / alpha, and the odds to leave, a / b, before anything else. Those that
    have a log-gamma stand alone.

    Returns: dict, name -> SQL, as maximised() wants it.
#}
{% macro bg_nbd_parameters() -%}
    {{ return({
        'r': 'exp({r})',
        'alpha': 'exp({alpha} + {r})',
        'a': 'exp({a} + {b})',
        'b': 'exp({b})',
    }) }}
{%- endmacro %}


{#
    The log-likelihood as a sum over rows of two kinds: what depends on x alone stands
    in rows without age, one for all customers of an x, so that the costly logarithms of
    the gamma function are taken a few times instead of once a customer.

    Reads statistics.x, statistics.recency, statistics.age (null in rows of the first
    kind), statistics.weight (customers) and candidate.r, alpha, a, b.
    Returns: SQL of a double.
#}
{% macro bg_nbd_log_likelihood() -%}
    {#- How much likelier it is that he left after his last order than that he stayed.
    -#}
    {%- set left_odds -%}
        (
            ln(candidate.a) - ln(candidate.b + greatest(statistics.x, 1) - 1)
            + (candidate.r + statistics.x) * (
                ln(candidate.alpha + statistics.age)
                - ln(candidate.alpha + statistics.recency)
            )
        )
    {%- endset -%}
    statistics.weight * case
        when statistics.age is null
            then
                {{ log_gamma('(candidate.r + statistics.x)') }}
                - {{ log_gamma('candidate.r') }}
                + candidate.r * ln(candidate.alpha)
                + {{ log_gamma('(candidate.a + candidate.b)') }}
                + {{ log_gamma('(candidate.b + statistics.x)') }}
                - {{ log_gamma('candidate.b') }}
                - {{ log_gamma('(candidate.a + candidate.b + statistics.x)') }}
        else
            -(candidate.r + statistics.x) * ln(candidate.alpha + statistics.age)
            + case
                when statistics.x = 0 then 0
                else
                    greatest({{ left_odds }}, 0)
                    + ln(1 + exp(greatest(-abs({{ left_odds }}), -600)))
            end
    end
{%- endmacro %}


{#
    The probability that a customer has not left: 1 without a repeat order, as one
    leaves only after one. Written with the logarithm of the odds, which do not
    overflow.

    Reads x, recency, age (weeks), r, alpha, a, b. Returns: SQL of a double.
#}
{% macro bg_nbd_p_alive() -%}
    case
        when x = 0 then 1
        else
            1 / (1 + {{ bounded_exp(
                'ln(a) - ln(b + x - 1) '
                ~ '+ (r + x) * (ln(alpha + age) - ln(alpha + recency))',
                600
            ) }})
    end
{%- endmacro %}


{#
    The orders expected in some weeks of a customer who has not left. If he leaves with
    probability p after each order and buys at rate v, they are
    (1 - exp(-p v weeks)) / p; this is their mean over the v that his history leaves
    likely, and beta_mean() is that over p, with a and b_and_x:

        (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + weeks))^(r + x)
            * 2F1(r + x, b + x; a + b + x - 1; weeks / (alpha + age + weeks)))

    without the places where that is 0 / 0.

    Reads r_and_x, b_and_x, a, weeks_ratio = weeks / (alpha + age), and the columns of
    bg_nbd_mean_columns(). Returns: SQL of a double.
#}
{% macro bg_nbd_orders_if_alive() -%}
    {%- set value -%}
        case
            {#- The difference would lose digits; the terms left out are below 1e-12. #}
            when {p} * weeks_ratio * (r_and_x + 2) < 0.0001
                then r_and_x * weeks_ratio * (
                    1 - (r_and_x + 1) * 0.5 * {p} * weeks_ratio
                    * (1 - (r_and_x + 2) / 3 * {p} * weeks_ratio)
                )
            else (
                1 - {{ bounded_exp('-r_and_x * ln(1 + {p} * weeks_ratio)') }}
            ) / {p}
        end
    {%- endset -%}
    {{ beta_mean(
        'a', 'b_and_x', value, 'r_and_x * weeks_ratio',
        '(1 - ' ~ bounded_exp('-r_and_x * ln(1 + weeks_ratio)') ~ ')'
    ) }}
{%- endmacro %}

{% macro bg_nbd_mean_columns() -%}
    {{ beta_mean_columns(
        'a', 'b_and_x', '(weeks_ratio * (1 + r_and_x))', '(1 + r_and_x)'
    ) }}
{%- endmacro %}
