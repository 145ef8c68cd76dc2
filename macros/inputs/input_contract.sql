{#
    The input contract: the one place that says what a raw input is made of.
    Staging casts and judges by it, the sample generator writes its columns in this
    order, docs/inputs.md and the seed properties are tested against it.

    Per input:
      required   its table must exist (it may be empty); the others may be absent
      key        what makes a row one row; a tie is settled by updated_at, then by
                 the columns in the order below
      columns    name: type, then
        required   a row without it is rejected (null_key or missing_value)
        allowed    other values become null and are counted
        min, max   values outside become null and are counted
        default    what a null is read as

    Types: text · timestamp (an instant; kept in UTC) · date ·
    date_or_timestamp (a bare date stays that date) · money (two decimals, rounded
    half away from zero; unreadable money rejects the row) · decimal · integer ·
    boolean.

    The block between the two lines "yaml" is plain YAML, so Python reads it too.

    Returns: dict, input name -> {required, key, columns}.
#}
{% macro input_contract() -%}
    {%- set contract -%}
# yaml
users:
  required: true
  key: [user_id]
  columns:
    user_id: {type: text, required: true}
    registered_at: {type: timestamp, required: true}
    channel: {type: text}
    campaign: {type: text}
    email: {type: text}
    phone: {type: text}
    gender: {type: text, allowed: [female, male, other]}
    birth_year: {type: integer, min: 1900, max: year_of_as_of_date}
    city_tier: {type: text, allowed: [tier_1, new_tier_1, tier_2, tier_3, lower]}
    region: {type: text}
    profile_completion_pct: {type: decimal, min: 0, max: 100}
    friend_count: {type: integer, min: 0}
    contacts_imported: {type: boolean}
    member_since: {type: date_or_timestamp}
    company_industry: {type: text}
    company_size: {type: text}
    is_excluded: {type: boolean}
    updated_at: {type: timestamp}
orders:
  required: true
  key: [order_id]
  columns:
    order_id: {type: text, required: true}
    user_id: {type: text}
    guest_email: {type: text}
    ordered_at: {type: timestamp, required: true}
    status: {type: text, required: true}
    gross_amount: {type: money, required: true}
    discount_amount: {type: money, default: 0}
    net_amount: {type: money}
    cost_amount: {type: money}
    paid_at: {type: timestamp}
    delivered_at: {type: timestamp}
    category: {type: text}
    coupon_id: {type: text}
    promotion_id: {type: text}
    group_id: {type: text}
    currency: {type: text}
    store: {type: text}
    updated_at: {type: timestamp}
logins:
  required: true
  key: [login_id]
  key_without_id: [user_id, login_at]
  columns:
    login_id: {type: text}
    user_id: {type: text, required: true}
    login_at: {type: timestamp, required: true}
    device: {type: text}
    app: {type: text}
identities:
  required: false
  key: [id_type, id_value, user_id]
  columns:
    user_id: {type: text, required: true}
    id_type: {type: text, required: true}
    id_value: {type: text, required: true}
    linked_at: {type: timestamp, required: true}
    is_verified: {type: boolean, default: true}
order_items:
  required: false
  key: [order_id, line_number]
  columns:
    order_id: {type: text, required: true}
    line_number: {type: integer, required: true}
    item_id: {type: text, required: true}
    quantity: {type: integer, required: true}
    unit_price: {type: money, required: true}
    unit_cost: {type: money}
    category: {type: text}
    plan_level: {type: integer}
refunds:
  required: false
  key: [refund_id]
  columns:
    refund_id: {type: text, required: true}
    order_id: {type: text, required: true}
    refunded_at: {type: timestamp, required: true}
    amount: {type: money, required: true}
    reason: {type: text}
events:
  required: false
  key: [event_id]
  columns:
    event_id: {type: text, required: true}
    user_id: {type: text}
    anonymous_id: {type: text}
    event_name: {type: text, required: true}
    event_at: {type: timestamp, required: true}
    page: {type: text}
    channel: {type: text}
    campaign: {type: text}
    session_id: {type: text}
    item_id: {type: text}
    category: {type: text}
    entry_source:
      type: text
      allowed: [search, browse, direct, recommendation, push, live]
    target_user_id: {type: text}
    rating: {type: integer, min: 1, max: 5}
    event_value: {type: decimal}
referrals:
  required: false
  key: [referral_id]
  columns:
    referral_id: {type: text, required: true}
    referrer_id: {type: text, required: true}
    referee_id: {type: text}
    invited_at: {type: timestamp, required: true}
    accepted_at: {type: timestamp, reject_if_unreadable: true}
marketing_spend:
  required: false
  key: [spend_date, channel, campaign]
  columns:
    spend_date: {type: date, required: true}
    channel: {type: text, required: true}
    campaign: {type: text, default: ""}
    spend: {type: money, required: true}
    impressions: {type: integer, default: 0}
    clicks: {type: integer, default: 0}
operating_costs:
  required: false
  key: [cost_id]
  columns:
    cost_id: {type: text, required: true}
    cost_date: {type: date, required: true}
    cost_type: {type: text, required: true}
    amount: {type: money, required: true}
    user_id: {type: text}
contacts:
  required: false
  key: [contact_id]
  columns:
    contact_id: {type: text, required: true}
    user_id: {type: text, required: true}
    channel: {type: text, required: true}
    sent_at: {type: timestamp, required: true}
    campaign: {type: text}
    plan_code: {type: text}
    step_number: {type: integer}
    cost: {type: money, default: 0}
    opened_at: {type: timestamp}
    clicked_at: {type: timestamp}
experiments:
  required: false
  key: [experiment_id, user_id, variant, assigned_at]
  columns:
    experiment_id: {type: text, required: true}
    user_id: {type: text, required: true}
    variant: {type: text, required: true}
    assigned_at: {type: timestamp, required: true}
survey_responses:
  required: false
  key: [response_id]
  columns:
    response_id: {type: text, required: true}
    survey_type: {type: text, required: true}
    user_id: {type: text}
    respondent_id: {type: text}
    responded_at: {type: timestamp, required: true}
    feature_code: {type: text}
    functional_answer: {type: integer}
    dysfunctional_answer: {type: integer}
    self_importance: {type: integer, min: 1, max: 9}
    score: {type: decimal}
    order_id: {type: text}
points_ledger:
  required: false
  key: [entry_id]
  columns:
    entry_id: {type: text, required: true}
    user_id: {type: text, required: true}
    entry_at: {type: timestamp, required: true}
    entry_type: {type: text, required: true}
    points: {type: decimal, required: true}
    reason: {type: text}
promotions:
  required: false
  key: [promotion_id]
  columns:
    promotion_id: {type: text, required: true}
    promotion_type: {type: text, required: true}
    starts_at: {type: timestamp, required: true}
    ends_at: {type: timestamp}
    threshold_amount: {type: money}
    value_amount: {type: money}
    discount_rate: {type: decimal, min: 0, max: 1}
    min_group_size: {type: integer, min: 1}
    trial_days: {type: integer, min: 1}
    experiment_id: {type: text}
deals:
  required: false
  key: [deal_id, stage_code, entered_at]
  columns:
    deal_id: {type: text, required: true}
    stage_code: {type: text, required: true}
    entered_at: {type: timestamp, required: true}
    amount: {type: money, required: true}
    user_id: {type: text}
    account_name: {type: text}
    owner: {type: text}
# yaml
    {%- endset -%}
    {{ return(fromyaml(contract)) }}
{%- endmacro %}


{#
    The inputs of the contract that have staging models.

    Returns: list of names, in the order in which they are judged.
#}
{% macro built_inputs() -%}
    {{ return([
        'users', 'orders', 'logins', 'order_items', 'refunds', 'events', 'referrals',
        'marketing_spend',
    ]) }}
{%- endmacro %}
