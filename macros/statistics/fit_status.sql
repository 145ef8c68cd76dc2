{#
    What a row of parameters is worth.

    is_converged: SQL of a boolean, null where there were too few data to search.
    given: the variable that replaces the fit, or none.
    Returns: SQL of 'given', 'insufficient_data', 'not_converged' or 'fitted'.
#}
{% macro fit_status(is_converged, given=none) -%}
    {%- if given -%}
    'given'
    {%- else -%}
    case
        when {{ is_converged }} is null then 'insufficient_data'
        when not {{ is_converged }} then 'not_converged'
        else 'fitted'
    end
    {%- endif -%}
{%- endmacro %}


{#
    What a prediction is worth that needs several models: the first failure among them.

    first_status, second_status: SQL of a status; null where there was no data at all.
    Returns: SQL of a status.
#}
{% macro models_status(first_status, second_status) -%}
    case
        when {{ first_status }} is null then 'insufficient_data'
        when {{ first_status }} not in ('given', 'fitted') then {{ first_status }}
        when {{ second_status }} not in ('given', 'fitted') then {{ second_status }}
        when 'given' in ({{ first_status }}, {{ second_status }}) then 'given'
        else 'fitted'
    end
{%- endmacro %}
