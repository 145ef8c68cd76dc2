{#
    Refuses columns that cannot be passed on: personal data, which no mart holds in
    clear, names that the tables on the way have already, and types that are none.

    Returns: nothing to run.
    Errors: a compiler error that names the variable, the column and what is allowed.
#}
{% macro check_passed_columns() -%}
    {#- Columns between the input and its mart that are neither the contract's nor the
        mart's. -#}
    {%- set taken = {
        'users': [
            'user_id', 'account_number', 'customer_key', 'first_order_month',
            'is_excluded', 'member_since', 'normalised_email', 'user_id_hash',
        ],
        'orders': [
            'account_id', 'given_net_amount', 'guest_hash', 'known_cost_amount',
            'normalised_guest_email', 'order_id_hash', 'user_id_hash',
        ],
    } -%}
    {%- set taken_by_both = [
        'all_reason_codes', 'contract_reason_codes', 'file_key', 'file_row_number',
        'is_erased', 'raw_record', 'raw_row', 'reason_code', 'row_key',
        'row_reason_codes',
    ] -%}
    {%- set reserved = [
        'case', 'check', 'column', 'default', 'desc', 'end', 'for', 'from', 'group',
        'limit', 'offset', 'only', 'order', 'primary', 'references', 'table', 'to',
        'unique', 'user', 'when', 'window',
    ] -%}
    {%- set types = ['text', 'integer', 'decimal', 'boolean', 'date', 'timestamp'] -%}
    {%- for input_name, variable, mart in [
        ('users', 'customer_columns', 'dim_customers'),
        ('orders', 'order_columns', 'fct_orders'),
    ] -%}
        {%- set given = var(variable) -%}
        {%- if given is not mapping -%}
            {{ refuse(variable, given, 'a mapping of columns and their types, for '
                ~ 'example {loyalty_card: text}, or {} for none') }}
        {%- endif -%}
        {%- set contract = input_contract()[input_name].columns -%}
        {#- The graph is not there while the project is parsed. -#}
        {%- set node = graph.nodes.get('model.customer_ops.' ~ mart)
            if execute else none -%}
        {%- set columns = node.columns if node else {} -%}
        {%- for name, type in given.items() -%}
            {%- set is_own = contract[name].is_own -%}
            {%- if not modules.re.match('^[a-z][a-z0-9_]*$', name | string) -%}
                {{ refuse(variable, name, 'names of small letters, digits and _ that '
                    ~ 'begin with a letter, such as loyalty_card') }}
            {%- elif is_personal(input_name, name) -%}
                {{ refuse(variable, name, 'columns without personal data: e-mail, '
                    ~ 'phone and birth date never reach a mart') }}
            {%- elif name in columns
                or name in taken[input_name] + taken_by_both + reserved
                or modules.re.search('_(text|nulled_value)$', name) -%}
                {{ refuse(variable, name, 'names that are no words of SQL and that '
                    ~ mart ~ ' and the tables before it do not have yet; map the '
                    ~ 'column to another name: columns: {my_' ~ name ~ ': ...} in '
                    ~ 'input_' ~ input_name) }}
            {%- elif type not in types -%}
                {{ refuse(
                    variable ~ '.' ~ name, type, 'one of ' ~ types | join(', ')
                ) }}
            {%- elif not is_own and contract[name].type != type -%}
                {{ refuse(variable ~ '.' ~ name, type, contract[name].type
                    ~ ', which the column is in the input contract') }}
            {%- elif not is_own and type == 'timestamp' -%}
                {{ refuse(variable, name, 'columns that cannot be later than the '
                    ~ 'as-of date') }}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}


{# Returns: whether a column has, or is mapped to, the name of personal data. #}
{% macro is_personal(input_name, name) -%}
    {%- set source = given_input(input_name).columns.get(name, name) -%}
    {{ return(modules.re.search(
        'mail|phone|mobile|birth|邮箱|邮件|手机|电话|出生|生日', (name ~ ' ' ~ source) | lower
    )) }}
{%- endmacro %}
