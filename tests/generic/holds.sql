{#
    A condition that every row must meet. A null counts as met, so write not_null beside
    a column that must be there.

    condition: SQL of a boolean over the columns of the row.
    column_name: dbt passes it where the test stands under a column; unused.
    Fails with the rows that break it.
#}
{% test holds(model, condition, column_name=none) %}

select *

from {{ model }}

where not ({{ condition }})

{% endtest %}
