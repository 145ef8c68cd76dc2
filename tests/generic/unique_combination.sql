{#
    The grain of a table: no two rows share these columns.

    columns: list of column names. Fails with one row per repeated combination.
#}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}

group by {{ columns | join(', ') }}

having count(*) > 1

{% endtest %}
