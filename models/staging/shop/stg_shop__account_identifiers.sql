-- Grain: one row per account known at the as-of date and identifier that may join it
-- with others.
-- Identifiers are hashed here: nothing behind this model needs them in clear.

{{ config(materialized='table') }}

with

accounts as (

    select
        user_id,
        registered_at,
        normalised_email,
        phone

    from {{ ref('base_shop__users') }}

    where
        reason_code is null
        and registration_date <= {{ as_of_date() }}

),

given_identifiers as (

    select
        user_id,
        registered_at,
        'email' as id_type,
        normalised_email as identifier

    from accounts

    union all

    select
        user_id,
        registered_at,
        'phone' as id_type,
        {{ normalised_phone('phone') }} as identifier

    from accounts

    union all

    select
        accounts.user_id,
        accounts.registered_at,
        identities.id_type,
        case identities.id_type
            when 'email' then {{ normalised_email('identities.id_value') }}
            when 'phone' then {{ normalised_phone('identities.id_value') }}
        end as identifier

    from {{ ref('stg_shop__identities') }} as identities
    inner join accounts on identities.user_id = accounts.user_id

    where identities.is_verified

),

hashed as (

    select distinct
        user_id,
        registered_at,
        id_type,
        {{ salted_hash('identifier') }} as identifier_hash

    from given_identifiers

    where
        id_type in ({{ quoted_list(var('stitch_id_types')) }})
        and identifier is not null

),

final as (

    select
        *,
        count(*) over (partition by id_type, identifier_hash) as account_count

    from hashed

)

select * from final
