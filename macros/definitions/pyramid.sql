{#
    The value pyramid: the best fifth of the customers who are worth anything, the next,
    the rest. Or any of these layers, cut in the same way.

    customers: a CTE of customers with monetary_amount. field: columns that say among
    whom they are compared. Reads the CTE cuts (layer, cut_share, previous_cut_share).

    A layer ends with the k-th highest, k = ceil(share * n), and all who tie with him.
    Counted in decimals: a fifth of 15 is 3 and not 3.0000000000000004, whose ceiling
    is 4.

    Returns: a select of the customers with their layer.
#}
{% macro pyramid_layers(customers, field) -%}
    select
        ranked.*,
        places.layer

    from (
        select
            *,
            rank() over (
                partition by {{ field | join(', ') }}
                order by monetary_amount desc
            ) as value_rank
        from {{ customers }}
    ) as ranked
    inner join (
        select
            fields.*,
            cuts.layer,
            ceil(cuts.cut_share * fields.customer_count) as last_place,
            ceil(cuts.previous_cut_share * fields.customer_count) as place_before
        from (
            select
                {{ field | join(', ') }},
                count(*) as customer_count
            from {{ customers }}
            group by {{ field | join(', ') }}
        ) as fields
        cross join cuts
    ) as places
        on
            {{ same(field, 'ranked', 'places') }}
            and ranked.value_rank > places.place_before
            and ranked.value_rank <= places.last_place
{%- endmacro %}
