{#
    Columns that reach dim_customers and fct_orders as they are, because the variables
    customer_columns and order_columns name them: columns of users and orders in the
    contract, or the shop's own.
#}


{#
    input_name: users or orders; any other input passes nothing on.
    Returns: dict, column name -> contract type.
#}
{% macro passed_columns(input_name) -%}
    {%- set given = {
        'users': var('customer_columns'), 'orders': var('order_columns')
    }.get(input_name) -%}
    {#- What is no mapping is refused by check_passed_columns when the run starts. -#}
    {{ return(given if given is mapping else {}) }}
{%- endmacro %}


{# Returns: list of the names among them that the contract does not have itself. #}
{% macro own_columns(input_name) -%}
    {%- set names = [] -%}
    {%- for name, column in input_contract()[input_name].columns.items()
        if column.is_own -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}


{#
    table_name: SQL name of a table that has the columns. is_staged: the select list has
    those of the contract already.
    Returns: a comma-ended list of columns.
#}
{% macro passed_on(input_name, table_name, is_staged=false) -%}
    {%- set names = own_columns(input_name) if is_staged
        else passed_columns(input_name) -%}
    {%- for name in names -%}
        {{ table_name }}.{{ name }},
    {% endfor -%}
{%- endmacro %}
