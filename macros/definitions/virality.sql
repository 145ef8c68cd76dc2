{#
    Customers after `day_number` days of viral growth, the seeds included:
    seeds × (K^(t / ct + 1) − 1) / (K − 1), the sum of the geometric series of their
    generations (D. Skok with S. Reiss, "Lessons Learned – Viral Marketing", 2009).

    seed_count, k_factor, cycle_days (ct, days per generation), day_number (t): SQL of
    numbers.
    Returns: SQL of a double; null without a cycle above 0, and where the growth would
    leave the range of a double.
#}
{% macro viral_total(seed_count, k_factor, cycle_days, day_number) -%}
    {%- set generations -%}
        ({{ as_double(day_number) }} / nullif({{ cycle_days }}, 0) + 1)
    {%- endset -%}
    case
        -- At K = 1 every generation is as large as the one before.
        when abs({{ k_factor }} - 1) <= 1e-9
            then {{ seed_count }} * {{ generations }}
        when {{ generations }} * ln(nullif({{ k_factor }}, 0)) <= 700
            then
                {{ seed_count }}
                * (power({{ k_factor }}, {{ generations }}) - 1)
                / ({{ k_factor }} - 1)
    end
{%- endmacro %}
