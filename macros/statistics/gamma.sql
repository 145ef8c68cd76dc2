{#
    Functions of probability that the engines do not have. An argument stands many times
    in the SQL that these macros write: name a column of doubles, not an expression.
#}


{#
    Natural logarithm of the gamma function (C. Lanczos, "A precision approximation of
    the gamma function", 1964, with g = 7 and nine terms; DuckDB has its own).

    x: SQL of a double above 0. Returns: SQL of a double.
    Error: at most 1e-14 times the greater of the result, x and 1.
#}
{% macro log_gamma(x) -%}
    {{ return(adapter.dispatch('log_gamma', 'customer_ops')(x)) }}
{%- endmacro %}

{% macro duckdb__log_gamma(x) -%}
    lgamma({{ x }})
{%- endmacro %}

{% macro spark__log_gamma(x) -%}
    {#- A lambda names the argument, and Spark's time goes by the length of the SQL. -#}
    transform(array({{ x }}), argument -> {{ default__log_gamma('argument') }})[0]
{%- endmacro %}

{% macro default__log_gamma(x) -%}
    {#- Half the logarithm of 2 pi stands first. -#}
    (
        0.9189385332046727 + ({{ x }} - 0.5) * ln({{ x }} + 6.5) - ({{ x }} + 6.5)
        + ln(
            0.99999999999980993
            + 676.5203681218851 / {{ x }}
            - 1259.1392167224028 / ({{ x }} + 1)
            + 771.32342877765313 / ({{ x }} + 2)
            - 176.61502916214059 / ({{ x }} + 3)
            + 12.507343278686905 / ({{ x }} + 4)
            - 0.13857109526572012 / ({{ x }} + 5)
            + 0.0000099843695780195716 / ({{ x }} + 6)
            + 0.00000015056327351493116 / ({{ x }} + 7)
        )
    )
{%- endmacro %}


{#
    The exponential, of an exponent beyond the limit that of the limit: PostgreSQL has
    an error where others have 0 or infinity. With the limit of 300 products of two of
    them, and of what models have beside them, are still numbers.

    value: SQL of a double. limit: at most 700. Returns: SQL of a double above 0; of
    null that of the limit, as greatest() and least() pass over it.
#}
{% macro bounded_exp(value, limit=300) -%}
    exp(greatest(-{{ limit }}, least({{ value }}, {{ limit }})))
{%- endmacro %}


{#
    Natural logarithm of the beta function, B(a, b) = gamma(a) gamma(b) / gamma(a + b).

    a, b: SQL of doubles above 0. Returns: SQL of a double.
    Error: at most 1e-14 times the greater of a + b and 1, and more where a + b is so
    large that the three logarithms cancel: 1e-15 times the greatest of them.
#}
{% macro log_beta(a, b) -%}
    (
        {{ log_gamma(a) }} + {{ log_gamma(b) }}
        - {{ log_gamma('(' ~ a ~ ' + ' ~ b ~ ')') }}
    )
{%- endmacro %}
