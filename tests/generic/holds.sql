{#
    A condition that every row must meet. A null counts as met, so write not_null beside
    a column that must be there.

    condition: SQL of a boolean over the columns of the row.
    Fails with the rows that break it.
#}
{% test holds(model, condition) %}

select *

from {{ model }}

where not ({{ condition }})

{% endtest %}
