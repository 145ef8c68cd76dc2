{#
    An e-mail as identities compare it: in lower case.

    email: SQL of a text without blanks around it. Returns: SQL of a text.
#}
{% macro normalised_email(email) -%}
    lower({{ email }})
{%- endmacro %}


{#
    A phone as identities compare it: its digits only.

    phone: SQL of a text. Returns: SQL of a text, null without any digit.
#}
{% macro normalised_phone(phone) -%}
    nullif({{ digits_of(phone) }}, '')
{%- endmacro %}


{#
    What stands for an e-mail or phone: they are compared, listed and shown to nobody in
    clear. Without a salt whoever has a list of phones could find them again.

    identifier: SQL of a text. Returns: SQL of a text, null where there is none.
#}
{% macro salted_hash(identifier) -%}
    {%- set salt = env_var('IDENTITY_SALT', var('identity_salt')) -%}
    md5({{ text_literal(salt) }} || {{ identifier }})
{%- endmacro %}


{# normalised_email: SQL of a text. Returns: SQL of the id of a guest. #}
{% macro guest_customer_id(normalised_email) -%}
    'guest:' || {{ salted_hash(normalised_email) }}
{%- endmacro %}
