{#
    S-shaped growth curves, by growth_curve_model: logistic (P.-F. Verhulst, 1838),
    Gompertz (B. Gompertz, 1825) and Bass (F. M. Bass, "A New Product Growth Model for
    Consumer Durables", Management Science 15, 1969). L is the number of customers that
    a curve approaches; time t counts periods from 0.
#}


{#
    The parameters by which a curve is searched: L, the rate k (Bass: p and q) per
    period, and t0, the time at which growth is fastest. The number at t = 0, or
    Gompertz's b = exp(k * t0), runs away where a curve is late and steep.

    Returns: dict, name -> SQL, as maximised() wants it.
#}
{% macro growth_curve_parameters() -%}
    {{ return({
        'logistic': {'l': 'exp({l})', 'k': 'exp({k})', 't0': '{t0}'},
        'gompertz': {'l': 'exp({l})', 'k': 'exp({k})', 't0': '{t0}'},
        'bass': {'l': 'exp({l})', 'p': 'exp({p})', 'q': 'exp({q})'},
    }[var('growth_curve_model')]) }}
{%- endmacro %}


{#
    The parameters under their usual names.

    Returns: dict, name -> SQL over the columns that the search found.
#}
{% macro growth_curve_published() -%}
    {{ return({
        'logistic': {'L': 'l', 'k': 'k', 't0': 't0'},
        'gompertz': {'L': 'l', 'b': bounded_exp('k * t0'), 'k': 'k'},
        'bass': {'L': 'l', 'p': 'p', 'q': 'q'},
    }[var('growth_curve_model')]) }}
{%- endmacro %}


{#
    The number of customers at a time.

    curve: relation with the parameters. t: SQL of a double.
    Returns: SQL of a double. Exponents are kept where every engine has a result.
#}
{% macro growth_curve(curve, t) -%}
    {%- if var('growth_curve_model') == 'bass' -%}
    {%- set decay = bounded_exp('-(' ~ curve ~ '.p + ' ~ curve ~ '.q) * ' ~ t) -%}
    {{ curve }}.l * (1 - {{ decay }})
    / (1 + {{ curve }}.q / {{ curve }}.p * {{ decay }})
    {%- else -%}
    {%- set decay = bounded_exp(
        curve ~ '.k * (' ~ curve ~ '.t0 - (' ~ t ~ '))'
    ) -%}
    {{ curve }}.l
    {{ '/ (1 + ' ~ decay ~ ')' if var('growth_curve_model') == 'logistic'
        else '* ' ~ bounded_exp('-' ~ decay) }}
    {%- endif -%}
{%- endmacro %}


{#
    The time at which growth is fastest.

    Reads the parameters. Returns: SQL of a double.
#}
{% macro growth_curve_inflection() -%}
    {{ 'ln(q / p) / (p + q)' if var('growth_curve_model') == 'bass' else 't0' }}
{%- endmacro %}


{#
    How steep the curve is, whatever its height.

    Reads the parameters. Returns: SQL of a double, per period.
#}
{% macro growth_curve_rate() -%}
    {{ 'p + q' if var('growth_curve_model') == 'bass' else 'k' }}
{%- endmacro %}


{#
    The time at which growth speeds up most, where 21 % of L is reached: the logistic
    curve alone has such a share, whatever its parameters.

    Reads inflection and the parameters.
    Returns: SQL of a double, null for the other models.
#}
{% macro growth_curve_critical_point() -%}
    {{ 'inflection - ln(2 + sqrt(3)) / k' if var('growth_curve_model') == 'logistic'
        else as_double('null') }}
{%- endmacro %}
