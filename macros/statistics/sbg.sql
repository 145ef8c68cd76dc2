{#
    sBG, the shifted beta-geometric model of retention (P. S. Fader and B. G. S. Hardie,
    "How to Project Customer Retention", Journal of Interactive Marketing 21, 2007):
    each customer leaves with his own constant probability in every period, beta
    distributed over customers (alpha, beta). The retention of a cohort rises, because
    those who leave easily have left.
#}


{#
    The log-likelihood of a cohort: P(T = t) for those lost in period t, S(n) for those
    left after the last.

    Reads statistics.period_number, statistics.weight (customers), statistics.is_left
    and candidate.alpha, beta. Returns: SQL of a double.
#}
{% macro sbg_log_likelihood() -%}
    statistics.weight * (
        {{ log_beta(
            '(candidate.alpha + case when statistics.is_left then 0 else 1 end)',
            '(candidate.beta + statistics.period_number
            - case when statistics.is_left then 0 else 1 end)'
        ) }}
        - {{ log_beta('candidate.alpha', 'candidate.beta') }}
    )
{%- endmacro %}


{# Returns: SQL of the share of a cohort that is left after a period; 1 after none. #}
{% macro sbg_survival(alpha, beta, period_number) -%}
    {{ bounded_exp(
        log_beta(alpha, '(' ~ beta ~ ' + ' ~ period_number ~ ')')
        ~ ' - ' ~ log_beta(alpha, beta),
        600
    ) }}
{%- endmacro %}


{# Returns: SQL of the share of those left after a period's predecessor that stays. #}
{% macro sbg_retention(alpha, beta, period_number) -%}
    ({{ beta }} + {{ period_number }} - 1)
    / ({{ alpha }} + {{ beta }} + {{ period_number }} - 1)
{%- endmacro %}


{#
    The months that a customer left after a period is expected to go on from the next,
    that one undiscounted: with p the probability to leave, the mean of the sum over k
    of (1 - p)^(k + 1) / (1 + rate)^k, which is

        beta / (alpha + beta) * 2F1(1, beta + 1; alpha + beta + 1; 1 / (1 + rate))

    and without interest beta / (alpha - 1), or nothing where that is infinite.

    Reads alpha, later_beta = beta + the period, next_beta = later_beta + 1, rate and
    the columns of sbg_mean_columns(). Returns: SQL of a double.
#}
{% macro sbg_residual_periods() -%}
    case
        when rate > 0.000000000001
            then later_beta / (alpha + later_beta) * {{ beta_mean(
                'alpha', 'next_beta', '(1 + rate) / (rate + {p})',
                '(1 + rate) / rate', '1'
            ) }}
        when alpha > 1 then later_beta / (alpha - 1)
    end
{%- endmacro %}

{% macro sbg_mean_columns() -%}
    {#- Without interest no mean is read. -#}
    {{ beta_mean_columns(
        'alpha', 'next_beta', '(1 / greatest(rate, 0.000000000001))'
    ) }}
{%- endmacro %}
