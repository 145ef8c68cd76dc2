{#
    One end of the 95 % interval of a share, by the score test (E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", 1927). It stays within
    0 and 1 and speaks of few cases too, where p ± 1.96 standard errors does neither.

    count, base: SQL of whole numbers, count at most base. sign: '-' for the lower end,
    '+' for the upper. Returns: SQL of a double; null where base is 0.
#}
{% macro wilson_bound(count, base, sign) -%}
    {%- set z = 1.959964 -%}
    {#- In counts instead of shares, nothing is divided before the end. -#}
    {%- set share = ratio(count, base) -%}
    (
        {{ as_double(count) }} + {{ as_double(z * z / 2) }}
        {{ sign }} {{ as_double(z) }} * sqrt(
            {{ as_double(count) }} * (1 - {{ share }}) + {{ as_double(z * z / 4) }}
        )
    ) / ({{ as_double(base) }} + {{ as_double(z * z) }})
{%- endmacro %}
