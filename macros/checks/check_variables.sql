{#
    Refuses a variable out of its range before anything is built, with one sentence that
    names the variable, its value and what is allowed.

    Returns: nothing to run.
    Errors: a compiler error for the first variable that is wrong.
#}
{% macro check_variables() -%}
    {#- name: [lowest, highest, whether null means "no limit"] -#}
    {%- set whole_numbers = {
        'snapshot_months': [1, none, true],
        'stitch_max_accounts': [1, none, false],
        'repurchase_window_days': [1, none, false],
        'first_order_window_days': [0, none, false],
        'rfm_window_days': [1, none, true],
        'sleeping_after_days': [1, none, false],
        'high_value_window_days': [1, none, false],
        'high_value_min_orders': [1, none, false],
        'potential_new_days': [0, none, false],
        'pyramid_depth': [1, 2, false],
        'ladder_max_rung': [1, 100, false],
        'ladder_window_days': [0, none, false],
        'loyalty_window_days': [1, none, false],
        'loyalty_tenure_days': [0, none, false],
        'life_stage_days': [1, none, false],
        'interest_min_events': [1, none, false],
        'active_min_days': [1, 30, false],
        'new_user_days': [0, none, false],
        'clv_horizon_months': [1, 1200, false],
        'clv_min_repeat_customers': [1, none, false],
        'sbg_min_periods': [1, none, false],
        'backtest_months': [1, none, false],
        'fit_max_rows': [1, none, false],
        'growth_min_periods': [4, none, false],
        'decline_periods': [1, none, false],
        'churn_after_days': [1, none, false],
        'return_contact_days': [1, none, false],
        'threshold_max_days': [1, 3650, false],
        'threshold_return_horizon_days': [1, none, false],
        'threshold_min_spells': [1, none, false],
        'risk_horizon_days': [1, none, false],
        'risk_min_support': [1, none, false],
        'lead_time_lookback_days': [1, none, false],
        'thriving_window_days': [1, none, false],
        'k_window_days': [0, none, false],
        'viral_seed_count': [1, none, true],
        'viral_horizon_days': [0, 3650, false],
        'cac_alert_min_days': [1, 28, false],
    } -%}
    {%- set numbers = {
        'gross_margin_rate': [none, 1],
        'rfm_min_repeat_share': [0, 1],
        'high_value_min_aov': [0, none],
        'high_annual_value': [0, none],
        'loyalty_max_gap_cv': [0, 999],
        'loyalty_min_wallet_share': [0, 1],
        'life_stage_change': [0, none],
        'pre_churn_idle_share': [0, 1],
        'annual_discount_rate': [0, 100],
        'clv_value_growth': [-1, none],
        'clv_monthly_cost': [0, none],
        'clv_weeks_per_month': [0.001, 100],
        'gg_max_correlation': [0, 1],
        'positive_rating_min': [1, 5],
        'threshold_return_probability': [0, 1],
        'risk_probability_min': [0, 1],
        'decline_max_ratio': [0, 1],
    } -%}
    {%- set choices = {
        'week_start': ['monday', 'sunday'],
        'rfm_split': ['mean_score', 'median_value'],
        'cac_basis': ['first_order', 'registration'],
        'growth_curve_period': ['month', 'week'],
        'growth_curve_model': ['logistic', 'gompertz', 'bass'],
    } -%}
    {%- set choice_lists = {
        'valid_order_statuses': var('order_statuses'),
        'activity_types': ['login', 'order', 'event'],
        'churn_activity': ['login', 'order', 'event'],
        'stitch_id_types': ['email', 'phone'],
    } -%}
    {%- set lists = choice_lists.keys() | list + [
        'order_statuses', 'repurchase_cohort_days', 'cl_targets', 'rfm_weights',
        'mid_aov_quantiles', 'strategy_layer_order',
    ] -%}

    {%- for name in lists if not is_list(var(name)) -%}
        {{ refuse(name, var(name), 'a list') }}
    {%- endfor -%}
    {%- for status in var('order_statuses') if status is not string -%}
        {{ refuse('order_statuses', status, 'a list of texts') }}
    {%- endfor -%}
    {%- for name, limits in whole_numbers.items() -%}
        {{ check_number(name, var(name), limits[0], limits[1], limits[2], true) }}
    {%- endfor -%}
    {%- for name, limits in numbers.items() -%}
        {{ check_number(name, var(name), limits[0], limits[1], false, false) }}
    {%- endfor -%}
    {%- for name, allowed in choices.items() if var(name) not in allowed -%}
        {{ refuse(name, var(name), 'one of ' ~ allowed | join(', ')) }}
    {%- endfor -%}
    {%- for name, allowed in choice_lists.items() -%}
        {%- for value in var(name) if value not in allowed -%}
            {{ refuse(name, value, 'a list of ' ~ allowed | join(', ')) }}
        {%- endfor -%}
    {%- endfor -%}
    {%- for name in ('activity_types', 'churn_activity', 'valid_order_statuses')
        if not var(name) -%}
        {{ refuse(name, var(name), 'a list of at least one of '
            ~ choice_lists[name] | join(', ')) }}
    {%- endfor -%}
    {%- if var('refund_reverses_cost') is not boolean -%}
        {{ refuse(
            'refund_reverses_cost', var('refund_reverses_cost'), 'true or false'
        ) }}
    {%- endif -%}

    {%- for days in var('repurchase_cohort_days') -%}
        {{ check_number('repurchase_cohort_days', days, 1, none, false, true) }}
    {%- endfor -%}
    {%- if var('cl_targets') | length != 2 -%}
        {{ refuse('cl_targets', var('cl_targets'), 'a list of two numbers') }}
    {%- endif -%}
    {%- for target in var('cl_targets') -%}
        {{ check_number('cl_targets', target, 1, none, false, false) }}
    {%- endfor -%}
    {#- As far as beta_mean() is right. -#}
    {{ check_given_parameters(
        'bgnbd_parameters', ['r', 'alpha', 'a', 'b'], 0.0001, 100000
    ) }}
    {{ check_given_parameters('gamma_gamma_parameters', ['p', 'q', 'v']) }}
    {{ check_rfm_weights() }}
    {{ check_mid_aov_quantiles() }}
    {{ check_strategy_layer_order() }}
    {{ check_retention_variables() }}
    {{ check_times() }}
    {{ check_passed_columns() }}
{%- endmacro %}


{# Returns: true (in Jinja) if a value is a list. #}
{% macro is_list(value) -%}
    {{ return(
        value is sequence and value is not string and value is not mapping
    ) }}
{%- endmacro %}


{# Stops the run: the variable `name` is `value`, and it must be `expected`. #}
{% macro refuse(name, value, expected) -%}
    {{ exceptions.raise_compiler_error(
        "The variable " ~ name ~ " is " ~ (value if value is not string
        else "'" ~ value ~ "'") ~ "; it must be " ~ expected ~ ". Change it in "
        ~ "dbt_project.yml or with --vars."
    ) }}
{%- endmacro %}


{#
    lowest, highest: inclusive bounds, none where there is none. is_optional: null is
    allowed. is_whole: only whole numbers are.
#}
{% macro check_number(name, value, lowest, highest, is_optional, is_whole) -%}
    {%- set expected = ('a whole number' if is_whole else 'a number')
        ~ (', ' ~ lowest ~ ' or more' if lowest is not none else '')
        ~ (', ' ~ highest ~ ' or less' if highest is not none else '')
        ~ (', or null' if is_optional else '') -%}
    {%- if value is none -%}
        {%- if not is_optional -%}{{ refuse(name, 'null', expected) }}{%- endif -%}
    {%- elif value is boolean or value is not number
        or (is_whole and value != value | int)
        or (lowest is not none and value < lowest)
        or (highest is not none and value > highest) -%}
        {{ refuse(name, value, expected) }}
    {%- endif -%}
{%- endmacro %}


{% macro check_rfm_weights() -%}
    {%- set weights = var('rfm_weights') -%}
    {%- set expected = 'three numbers (recency, frequency, monetary), none negative, '
        ~ 'not all zero' -%}
    {%- if weights | length != 3 -%}
        {{ refuse('rfm_weights', weights, expected) }}
    {%- endif -%}
    {%- for weight in weights if weight is not number or weight < 0 -%}
        {{ refuse('rfm_weights', weights, expected) }}
    {%- endfor -%}
    {%- if weights | sum == 0 -%}
        {{ refuse('rfm_weights', weights, expected) }}
    {%- endif -%}
{%- endmacro %}


{% macro check_mid_aov_quantiles() -%}
    {%- set quantiles = var('mid_aov_quantiles') -%}
    {%- if quantiles | length != 2
        or quantiles | select('number') | list | length != 2
        or not (0 <= quantiles[0] <= quantiles[1] <= 1) -%}
        {{ refuse('mid_aov_quantiles', quantiles,
            'two numbers from 0 to 1, the lower one first') }}
    {%- endif -%}
{%- endmacro %}


{% macro check_strategy_layer_order() -%}
    {%- set order = var('strategy_layer_order') -%}
    {%- set layers = ['active', 'interest', 'new', 'ordinary', 'paying'] -%}
    {%- if order | map('string') | sort != layers or order[-1] != 'ordinary' -%}
        {{ refuse('strategy_layer_order', order,
            'a list of paying, interest, active and new in any order, and ordinary '
            ~ 'last') }}
    {%- endif -%}
{%- endmacro %}


{% macro check_retention_variables() -%}
    {%- for name in ('retention_max_offset', 'retention_brackets')
        if var(name) is not mapping -%}
        {{ refuse(name, var(name), 'a mapping with day, week and month') }}
    {%- endfor -%}
    {%- for grain in ('day', 'week', 'month') -%}
        {{ check_number(
            'retention_max_offset.' ~ grain, var('retention_max_offset').get(grain),
            0, none, false, true
        ) }}
        {%- set brackets = var('retention_brackets').get(grain, []) -%}
        {%- for bracket in (brackets if is_list(brackets) else [brackets])
            if not is_list(bracket) or bracket | length != 2
                or bracket | select('integer') | list | length != 2
                or not (0 <= bracket[0] <= bracket[1]) -%}
            {{ refuse('retention_brackets.' ~ grain, bracket,
                'a list of pairs [first, last] with 0 <= first <= last') }}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{% macro check_times() -%}
    {%- for name in ('business_timezone', 'input_timezone')
        if var(name) not in modules.pytz.all_timezones_set -%}
        {{ refuse(name, var(name), 'an IANA time zone such as Asia/Shanghai') }}
    {%- endfor -%}
    {%- for name in ('as_of_date', 'earliest_valid_date', 'fast_base_date') -%}
        {%- set is_optional = name != 'earliest_valid_date' -%}
        {%- set expected = 'a date such as 2025-06-30'
            ~ (', or null' if is_optional else '') -%}
        {%- if var(name) is none and not is_optional -%}
            {{ refuse(name, 'null', expected) }}
        {%- elif var(name) is not none and not is_calendar_date(var(name) | string) -%}
            {{ refuse(name, var(name), expected) }}
        {%- endif -%}
    {%- endfor -%}
    {%- set cutoff = var('future_cutoff_at') | string -%}
    {%- if var('future_cutoff_at') is not none and not (
        is_calendar_date(cutoff[:10]) and modules.re.match(
            '^([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?)?'
            ~ '(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$',
            cutoff[10:]
        )
    ) -%}
        {{ refuse('future_cutoff_at', cutoff,
            'an instant such as 2025-07-01T00:00:00Z, or null') }}
    {%- endif -%}
{%- endmacro %}


{# Returns: true (in Jinja) if the text is a date, YYYY-MM-DD, that the calendar has. #}
{% macro is_calendar_date(text) -%}
    {%- if not modules.re.match(
        '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$', text
    ) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
    {%- set is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) -%}
    {%- set last_days = [
        31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    ] -%}
    {{ return(day <= last_days[month - 1]) }}
{%- endmacro %}


{# name: a variable that is null or has a number above 0 for each of the parameters. #}
{% macro check_given_parameters(name, parameters, lowest=none, highest=none) -%}
    {%- set given = var(name) -%}
    {%- if given is not none -%}
        {%- set range = 'above 0' if lowest is none
            else 'from ' ~ lowest ~ ' to ' ~ highest -%}
        {%- set expected = 'null or a number ' ~ range ~ ' for each of '
            ~ parameters | join(', ') -%}
        {%- if given is not mapping
            or given.keys() | sort | list != parameters | sort | list -%}
            {{ refuse(name, given, expected) }}
        {%- endif -%}
        {%- for value in given.values()
            if value is not number or value is boolean or value <= 0
            or (lowest is not none and not lowest <= value <= highest) -%}
            {{ refuse(name, given, expected) }}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
