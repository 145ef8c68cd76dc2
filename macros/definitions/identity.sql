{#
    An e-mail as identities compare it: in lower case.

    email: SQL of a text without blanks around it. Returns: SQL of a text.
#}
{% macro normalised_email(email) -%}
    lower({{ email }})
{%- endmacro %}


{#
    The id of a guest without an account: an e-mail never reaches a mart in clear.

    normalised_email: SQL of a text. Returns: SQL of 'guest:' and a salted md5.
#}
{% macro guest_customer_id(normalised_email) -%}
    {%- set salt = env_var('IDENTITY_SALT', var('identity_salt')) -%}
    'guest:' || md5({{ text_literal(salt) }} || {{ normalised_email }})
{%- endmacro %}


{# Returns: true (in Jinja) where guests may join an account by their e-mail. #}
{% macro joins_guests_by_email() -%}
    {{ return('email' in var('stitch_id_types')) }}
{%- endmacro %}
