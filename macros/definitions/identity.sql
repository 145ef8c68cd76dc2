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


{# email_hash: SQL of the salted hash of her e-mail. Returns: SQL of a guest's id. #}
{% macro guest_customer_id(email_hash) -%}
    'guest:' || {{ email_hash }}
{%- endmacro %}
