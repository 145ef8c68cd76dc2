-- Grain: one row per input; raw_count = accepted_count + rejected_count, always.

{% set main_dates = {
    'users': 'registration_date',
    'identities': 'linked_date',
    'orders': 'order_date',
    'logins': 'login_date',
    'order_items': 'order_date',
    'refunds': 'refund_date',
    'events': 'event_date',
    'referrals': 'invited_date',
    'marketing_spend': 'spend_date',
    'operating_costs': 'cost_date',
    'contacts': 'sent_date',
    'experiments': 'assigned_date',
    'survey_responses': 'responded_date',
    'points_ledger': 'entry_date',
    'promotions': 'start_date',
    'deals': 'entered_date',
} -%}
{#- Planned dates: nothing of a calendar is ignored. -#}
{% set calendars = ['promotions'] -%}

with

counted as (

    {% for input_name, main_date in main_dates.items() -%}
    select
        '{{ input_name }}' as input_name,
        count(*) as raw_count,
        count(case when reason_code is null then 1 end) as accepted_count,
        count(case when reason_code is not null then 1 end) as rejected_count,
        {% if input_name in calendars -%}
        cast(0 as bigint) as ignored_after_as_of_count,
        {%- else -%}
        count(
            case
                when reason_code is null and {{ main_date }} > {{ requested_date() }}
                    then 1
            end
        ) as ignored_after_as_of_count,
        {%- endif %}
        min(case when reason_code is null then {{ main_date }} end) as first_date,
        max(case when reason_code is null then {{ main_date }} end) as last_date
    from {{ ref('base_shop__' ~ input_name) }}
    {% if not loop.last -%}
    union all
    {% endif -%}
    {%- endfor %}

),

final as (

    select
        *,
        {{ days_between('last_date', requested_date()) }} as days_since_last_row

    from counted

)

select * from final
