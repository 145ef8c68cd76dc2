{#
    Distribution functions for tests of hypotheses. An argument stands many times in the
    SQL that these macros write: name a column of doubles, not an expression.
#}


{#
    Probability that a standard normal variable exceeds x: half of erfc(x / sqrt 2), by
    the rational approximations of W. J. Cody, "Rational Chebyshev approximations for
    the error function", 1969.

    x: SQL of a double. Returns: SQL of a double from 0 to 1; 0 above 37.
    Error: relative 1e-12 for x up to 37.
#}
{% macro normal_upper_tail(x) -%}
    case
        when {{ x }} > 37 then 0
        when {{ x }} < -37 then 1
        when abs({{ x }}) < 0.66
            then 0.5 - {{ x }} * {{ horner(
                '(0.5 * ' ~ x ~ ' * ' ~ x ~ ')',
                ['3209.37758913846947', '377.485237685302021', '113.864154151050156',
                 '3.16112374387056560', '0.185777706184603153']
            ) }} / {{ horner(
                '(0.5 * ' ~ x ~ ' * ' ~ x ~ ')',
                ['2844.23683343917062', '1282.61652607737228', '244.024637934444173',
                 '23.6012909523441209', '1']
            ) }} * 0.35355339059327376
        else
            case when {{ x }} < 0 then 1 else 0 end
            + case when {{ x }} < 0 then -0.5 else 0.5 end
            * exp(-0.5 * {{ x }} * {{ x }})
            * {{ scaled_error_function('(0.7071067811865476 * abs(' ~ x ~ '))') }}
    end
{%- endmacro %}


{#
    Probability that a standard normal variable is at most x.

    x: SQL of a double. Returns: SQL of a double from 0 to 1; 0 below -37.
    Error: relative 1e-12 for x down to -37.
#}
{% macro normal_cdf(x) -%}
    {{ normal_upper_tail('(-' ~ x ~ ')') }}
{%- endmacro %}


{# exp(x * x) erfc(x) for x of 0.46 and more, Cody's second and third intervals. #}
{% macro scaled_error_function(x) -%}
    case
        when {{ x }} <= 4
            then {{ horner(x, [
                '1230.33935479799725', '2051.07837782607147', '1712.04761263407058',
                '881.952221241769090', '298.635138197400131', '66.1191906371416295',
                '8.88314979438837594', '0.564188496988670089',
                '0.0000000215311535474403846'
            ]) }} / {{ horner(x, [
                '1230.33935480374942', '3439.36767414372164', '4362.61909014324716',
                '3290.79923573345963', '1621.38957456669019', '537.181101862009858',
                '117.693950891312499', '15.7449261107098347', '1'
            ]) }}
        else
            {%- set inverse = '(1 / (' ~ x ~ ' * ' ~ x ~ '))' %}
            (0.5641895835477563 - {{ inverse }} * {{ horner(inverse, [
                '0.000658749161529837803', '0.0160837851487422766',
                '0.125781726111229246', '0.360344899949804439',
                '0.305326634961232344', '0.0163153871373020978'
            ]) }} / {{ horner(inverse, [
                '0.00233520497626869185', '0.0605183413124413191',
                '0.527905102951428412', '1.87295284992346047',
                '2.56852019228982242', '1'
            ]) }}) / {{ x }}
    end
{%- endmacro %}


{# A polynomial of x; coefficients: texts, that of the lowest power first. #}
{% macro horner(x, coefficients) -%}
    {%- for coefficient in coefficients[:-1] -%}
    ({{ coefficient }} + {{ x }} * {{ '' }}
    {%- endfor -%}
    {{ coefficients[-1] }}
    {%- for coefficient in coefficients[:-1] -%}
    )
    {%- endfor -%}
{%- endmacro %}


{#
    Probability that a chi-square variable exceeds x: the regularised incomplete gamma
    function Q(df / 2, x / 2), by its series for small x and by Legendre's continued
    fraction for large x (DLMF 8.11.4 and 8.9.2).

    x: SQL of a double, 0 or more. df: SQL of a double from 1 to 200.
    Returns: SQL of a double from 0 to 1.
    Error: 1e-12 absolute, and 1e-10 relative where x is above df + 2 and the result
    above 1e-200.
#}
{% macro chi_square_upper_tail(x, df) -%}
    {%- set half_df = '(0.5 * ' ~ df ~ ')' -%}
    case
        when {{ x }} < 0.00000000000000000000000000001 then 1
        when {{ x }} < {{ df }} + 2
            then 1 - {{ chi_square_density(x, df) }} / {{ half_df }} * {{ nested(
                '1 + ' ~ x ~ ' / (' ~ df ~ ' + 2 * {k}) * {rest}', 1, 80, '1'
            ) }}
        else {{ chi_square_density(x, df) }} * 2 / {{ nested(
            x ~ ' - ' ~ df ~ ' + (4 * {k} - 2) + (' ~ df ~ ' - 2 * {k}) * (2 * {k}) '
            ~ '/ {rest}', 1, 60, '(' ~ x ~ ' - ' ~ df ~ ' + 242)'
        ) }}
    end
{%- endmacro %}

{# The density times 2x: (x / 2) to the power of df / 2, exp(-x / 2) / gamma(df / 2). #}
{% macro chi_square_density(x, df) -%}
    {{ bounded_exp(
        '0.5 * ' ~ df ~ ' * ln(0.5 * ' ~ x ~ ') - 0.5 * ' ~ x ~ ' - '
        ~ log_gamma('(0.5 * ' ~ df ~ ')'),
        700
    ) }}
{%- endmacro %}


{#
    Probability that Student's t lies further from 0 than t on either side: the
    regularised incomplete beta function of df / (df + t * t) with the parameters
    df / 2 and 1 / 2, by its continued fraction (DLMF 8.17.22).

    t: SQL of a double. df: SQL of a double from 1 to 1000, of which a fraction is
    allowed (Welch's test). Returns: SQL of a double from 0 to 1.
    Error: 1e-12 absolute; 1e-10 relative where the result is above 1e-200.
#}
{% macro t_two_sided_tail(t, df) -%}
    {%- set squares = '(' ~ df ~ ' + ' ~ t ~ ' * ' ~ t ~ ')' -%}
    {%- set inside = '(' ~ t ~ ' * ' ~ t ~ ' / ' ~ squares ~ ')' -%}
    {%- set outside = '(' ~ df ~ ' / ' ~ squares ~ ')' -%}
    {%- set factor %}
        exp(greatest(
            -700,
            {{ log_gamma('(0.5 * ' ~ df ~ ' + 0.5)') }}
            - {{ log_gamma('(0.5 * ' ~ df ~ ')') }} - 0.5723649429247001
            + 0.5 * {{ df }} * ln({{ outside }}) + 0.5 * ln({{ inside }})
        ))
    {%- endset -%}
    {%- set half_df = '(0.5 * ' ~ df ~ ')' -%}
    case
        when abs({{ t }}) < 0.000000000000000000000000000001 then 1
        when abs({{ t }}) > 1000000000000000000000000000000 then 0
        when {{ outside }} < ({{ df }} + 2) / ({{ df }} + 5)
            then {{ factor }} / {{ half_df }}
            * {{ incomplete_beta_fraction(outside, half_df, '0.5') }}
        else 1 - {{ factor }} * 2
            * {{ incomplete_beta_fraction(inside, '0.5', half_df) }}
    end
{%- endmacro %}


{#
    Probability that Student's t exceeds t; the arguments, range and error are those of
    t_two_sided_tail.
#}
{% macro t_upper_tail(t, df) -%}
    (
        case when {{ t }} < 0 then 1 else 0 end
        + case when {{ t }} < 0 then -0.5 else 0.5 end
        * {{ t_two_sided_tail(t, df) }}
    )
{%- endmacro %}


{# The continued fraction of the incomplete beta function, 40 pairs of steps. #}
{% macro incomplete_beta_fraction(x, a, b) -%}
    {%- set odd = '(' ~ a ~ ' + {k}) * (' ~ a ~ ' + ' ~ b ~ ' + {k}) * ' ~ x ~ ' / (('
        ~ a ~ ' + 2 * {k}) * (' ~ a ~ ' + (2 * {k} + 1)))' -%}
    {%- set even = '({k} + 1) * (' ~ b ~ ' - ({k} + 1)) * ' ~ x ~ ' / (('
        ~ a ~ ' + (2 * {k} + 1)) * (' ~ a ~ ' + (2 * {k} + 2)))' -%}
    1 / {{ nested('1 - ' ~ odd ~ ' / (1 + ' ~ even ~ ' / {rest})', 0, 39, '1') }}
{%- endmacro %}
