{#
    Gauss's hypergeometric function 2F1(a, b; c; z), the sum over k of
    (a)_k (b)_k / ((c)_k k!) z^k, by Euler's integral (DLMF 15.6.1): the mean of
    (1 - z p)^-a over a p that is beta distributed with b and c - b.

    a, b, c, z: columns of doubles, c > b > 0, a < c - b and 0 <= z < 1; for a greater
    a, (1 - z)^(c - a - b) 2F1(c - a, c - b; c; z) is the same (DLMF 15.8.1). Reads the
    columns of hypergeometric_columns(), with the same arguments.
    Returns: SQL of a double, null if an argument is null.
    Error for a from -2 to 2, b and c - b from 0.02 to 100 and z to 0.999999: relative
    1e-7, mostly 1e-11. Beyond these a it grows fast, to 1e-3 at -5.
#}
{% macro hypergeometric_2f1(a, b, c, z) -%}
    {%- set rest = '(' ~ c ~ ' - ' ~ b ~ ')' -%}
    {#- A bounded exponential of nothing is not nothing. -#}
    case when {{ a }} * {{ z }} is not null then {{ beta_mean(
        b, rest, bounded_exp('-' ~ a ~ ' * ln(1 - ' ~ z ~ ' * {p})'), '1',
        bounded_exp('-' ~ a ~ ' * ln(1 - ' ~ z ~ ')')
    ) }} end
{%- endmacro %}

{% macro hypergeometric_columns(a, b, c, z) -%}
    {%- set scale = '(1 + abs(' ~ a ~ '))' -%}
    {{ beta_mean_columns(
        b, '(' ~ c ~ ' - ' ~ b ~ ')', scale, '(' ~ scale ~ ' / (1 - ' ~ z ~ '))'
    ) }}
{%- endmacro %}
