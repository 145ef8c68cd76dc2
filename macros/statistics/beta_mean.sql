{#
    The mean of a function of a probability p that is beta distributed. Gauss's function
    2F1 is such a mean (DLMF 15.6.1), so that the expectations of BG/NBD and sBG are;
    terms of its series cancel, values of a positive function do not.

    The integral over the logarithm of the odds of p by the trapezoidal rule, which for
    smooth functions is exact but for a rest that falls exponentially with the number of
    points (L. N. Trefethen and J. A. C. Weideman, "The Exponentially Convergent
    Trapezoidal Rule", SIAM Review 56, 2014). The 81 points end where the density is too
    small to count, or where only the power of the odds still changes: then the sum over
    all points further out is a geometric series, taken with its first correction.

    Error: relative 1e-7, mostly 1e-11, for a and b from 1e-4 to 1e6 and low_scale to
    1e14.
#}


{#
    The columns that beta_mean() reads; to be made in a CTE that is computed_once().

    a, b, low_scale, high_scale: SQL of doubles above 0; the function hardly changes
    below a p of 1 / low_scale and a 1 - p of 1 / high_scale.
    Returns: SQL of columns.
#}
{% macro beta_mean_columns(a, b, low_scale, high_scale='1') -%}
    {#- From the peak of the density to the ends: as far as it counts, and as far as
        there is anything but a power of the odds. The function may be as steep as
        1 / p, so on the low side the density has to fall twice as far. -#}
    {%- set peak = '(ln(' ~ a ~ ') - ln(' ~ b ~ '))' -%}
    {%- set width = 'sqrt(60 / ' ~ a ~ ' + 60 / ' ~ b ~ ')' -%}
    {%- set low_width = '(60 / ' ~ a ~ ' + ' ~ width ~ ')' -%}
    {%- set high_width = '(30 / ' ~ b ~ ' + ' ~ width ~ ')' -%}
    {%- set low_power = '(' ~ peak ~ ' + 12 + greatest(0, ln(' ~ b ~ '), ln('
        ~ low_scale ~ ')))' -%}
    {%- set high_power = '(12 + greatest(0, ln(' ~ a ~ '), ln(' ~ high_scale ~ ')) - '
        ~ peak ~ ')' -%}
    {{ log_beta(a, b) }} as mean_log_beta,
    {{ peak }} - least({{ low_width }}, {{ low_power }}) as mean_low,
    {{ peak }} + least({{ high_width }}, {{ high_power }}) as mean_high,
    case when {{ low_power }} < {{ low_width }} then 1 else 0 end as mean_low_tail,
    case when {{ high_power }} < {{ high_width }} then 1 else 0 end as mean_high_tail
{%- endmacro %}


{#
    a, b: columns, those of beta_mean_columns(). value: SQL of the function, a positive
    double, with {p}. value_at_0, value_at_1: SQL of its limits.
    Returns: SQL of a double, null if an argument is null.
#}
{% macro beta_mean(a, b, value, value_at_0, value_at_1) -%}
    {%- set step = '((mean_high - mean_low) / 80)' -%}
    {%- set low_limit = '(' ~ bounded_exp(a ~ ' * mean_low - mean_log_beta') ~ ' * '
        ~ value_at_0 ~ ')' -%}
    {%- set high_limit = '(' ~ bounded_exp('-' ~ b ~ ' * mean_high - mean_log_beta')
        ~ ' * ' ~ value_at_1 ~ ')' -%}
    {{ step }} * (
        {{ nested(
            beta_mean_point(a, b, value, step, '{k}') ~ ' + {rest}', 0, 80, '0'
        ) }}
        + mean_low_tail * {{ beta_mean_tail(
            a, step, low_limit, beta_mean_point(a, b, value, step, '0')
        ) }}
        + mean_high_tail * {{ beta_mean_tail(
            b, step, high_limit, beta_mean_point(a, b, value, step, '80')
        ) }}
    )
{%- endmacro %}

{% macro beta_mean_point(a, b, value, step, k) -%}
    {%- set log_odds = '(mean_low + ' ~ k ~ ' * ' ~ step ~ ')' -%}
    {%- set p = '(1 / (1 + exp(-' ~ log_odds ~ ')))' -%}
    {{ bounded_exp(
        a ~ ' * ' ~ log_odds ~ ' - (' ~ a ~ ' + ' ~ b ~ ') * ln(1 + exp(' ~ log_odds
        ~ ')) - mean_log_beta'
    ) }} * {{ value | replace('{p}', p) }}
{%- endmacro %}

{#
    The sum over k = 1, 2 ... of limit * exp(-power k step), less what the last point is
    below its limit, which falls faster by exp(-step).
#}
{% macro beta_mean_tail(power, step, limit, point) -%}
    (
        {{ limit }} / ({{ bounded_exp(power ~ ' * ' ~ step) }} - 1)
        - ({{ limit }} - {{ point }})
        / ({{ bounded_exp('(' ~ power ~ ' + 1) * ' ~ step) }} - 1)
    )
{%- endmacro %}
