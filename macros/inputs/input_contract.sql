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
        known      other values reject the row, with a code of the input's own
        min, max   values outside become null and are counted
        default    what a null is read as
        may_be_future   a calendar date: to lie in the future is no error

    Types: text · timestamp (an instant; kept in UTC) · date ·
    date_or_timestamp (a bare date stays that date) · money (two decimals, rounded
    half away from zero; unreadable money rejects the row) · decimal · integer ·
    boolean.

    The literal is YAML too, and so Python reads it; Jinja needs no time to. What the
    columns are often called elsewhere stands at the end of this file.

    Behind the columns of users and orders stand those of the shop's own that are passed
    on (macros/inputs/passed_columns.sql), so that they are mapped and read like any.

    Returns: dict, input name -> {required, key, columns}.
#}
{% macro input_contract() -%}
    {%- set contract = {
        'users': {
            'required': true,
            'key': ['user_id'],
            'columns': {
                'user_id': {'type': 'text', 'required': true},
                'registered_at': {'type': 'timestamp', 'required': true},
                'channel': {'type': 'text'},
                'campaign': {'type': 'text'},
                'email': {'type': 'text'},
                'phone': {'type': 'text'},
                'gender': {'type': 'text', 'allowed': ['female', 'male', 'other']},
                'birth_year': {
                    'type': 'integer',
                    'min': 1900,
                    'max': 'year_of_as_of_date',
                },
                'city_tier': {
                    'type': 'text',
                    'allowed': ['tier_1', 'new_tier_1', 'tier_2', 'tier_3', 'lower'],
                },
                'region': {'type': 'text'},
                'profile_completion_pct': {'type': 'decimal', 'min': 0, 'max': 100},
                'friend_count': {'type': 'integer', 'min': 0},
                'contacts_imported': {'type': 'boolean'},
                'member_since': {'type': 'date_or_timestamp'},
                'company_industry': {'type': 'text'},
                'company_size': {'type': 'text'},
                'is_excluded': {'type': 'boolean'},
                'updated_at': {'type': 'timestamp'},
            },
        },
        'orders': {
            'required': true,
            'key': ['order_id'],
            'columns': {
                'order_id': {'type': 'text', 'required': true},
                'user_id': {'type': 'text'},
                'guest_email': {'type': 'text'},
                'ordered_at': {'type': 'timestamp', 'required': true},
                'status': {'type': 'text', 'required': true},
                'gross_amount': {'type': 'money', 'required': true},
                'discount_amount': {'type': 'money', 'default': 0},
                'net_amount': {'type': 'money'},
                'cost_amount': {'type': 'money'},
                'paid_at': {'type': 'timestamp'},
                'delivered_at': {'type': 'timestamp'},
                'category': {'type': 'text'},
                'coupon_id': {'type': 'text'},
                'promotion_id': {'type': 'text'},
                'group_id': {'type': 'text'},
                'currency': {'type': 'text'},
                'store': {'type': 'text'},
                'updated_at': {'type': 'timestamp'},
            },
        },
        'logins': {
            'required': true,
            'key': ['login_id'],
            'key_without_id': ['user_id', 'login_at'],
            'columns': {
                'login_id': {'type': 'text'},
                'user_id': {'type': 'text', 'required': true},
                'login_at': {'type': 'timestamp', 'required': true},
                'device': {'type': 'text'},
                'app': {'type': 'text'},
            },
        },
        'identities': {
            'required': false,
            'key': ['id_type', 'id_value', 'user_id'],
            'columns': {
                'user_id': {'type': 'text', 'required': true},
                'id_type': {
                    'type': 'text',
                    'required': true,
                    'known': ['email', 'phone', 'device', 'external', 'anonymous'],
                },
                'id_value': {'type': 'text', 'required': true},
                'linked_at': {'type': 'timestamp', 'required': true},
                'is_verified': {'type': 'boolean', 'default': true},
            },
        },
        'order_items': {
            'required': false,
            'key': ['order_id', 'line_number'],
            'columns': {
                'order_id': {'type': 'text', 'required': true},
                'line_number': {'type': 'integer', 'required': true},
                'item_id': {'type': 'text', 'required': true},
                'quantity': {'type': 'integer', 'required': true},
                'unit_price': {'type': 'money', 'required': true},
                'unit_cost': {'type': 'money'},
                'category': {'type': 'text'},
                'plan_level': {'type': 'integer'},
            },
        },
        'refunds': {
            'required': false,
            'key': ['refund_id'],
            'columns': {
                'refund_id': {'type': 'text', 'required': true},
                'order_id': {'type': 'text', 'required': true},
                'refunded_at': {'type': 'timestamp', 'required': true},
                'amount': {'type': 'money', 'required': true},
                'reason': {'type': 'text'},
            },
        },
        'events': {
            'required': false,
            'key': ['event_id'],
            'columns': {
                'event_id': {'type': 'text', 'required': true},
                'user_id': {'type': 'text'},
                'anonymous_id': {'type': 'text'},
                'event_name': {'type': 'text', 'required': true},
                'event_at': {'type': 'timestamp', 'required': true},
                'page': {'type': 'text'},
                'channel': {'type': 'text'},
                'campaign': {'type': 'text'},
                'session_id': {'type': 'text'},
                'item_id': {'type': 'text'},
                'category': {'type': 'text'},
                'entry_source': {
                    'type': 'text',
                    'allowed': [
                        'search', 'browse', 'direct', 'recommendation', 'push', 'live',
                    ],
                },
                'target_user_id': {'type': 'text'},
                'rating': {'type': 'integer', 'min': 1, 'max': 5},
                'event_value': {'type': 'decimal'},
            },
        },
        'referrals': {
            'required': false,
            'key': ['referral_id'],
            'columns': {
                'referral_id': {'type': 'text', 'required': true},
                'referrer_id': {'type': 'text', 'required': true},
                'referee_id': {'type': 'text'},
                'invited_at': {'type': 'timestamp', 'required': true},
                'accepted_at': {'type': 'timestamp', 'reject_if_unreadable': true},
            },
        },
        'marketing_spend': {
            'required': false,
            'key': ['spend_date', 'channel', 'campaign'],
            'columns': {
                'spend_date': {'type': 'date', 'required': true},
                'channel': {'type': 'text', 'required': true},
                'campaign': {'type': 'text', 'default': ''},
                'spend': {'type': 'money', 'required': true},
                'impressions': {'type': 'integer', 'default': 0},
                'clicks': {'type': 'integer', 'default': 0},
            },
        },
        'operating_costs': {
            'required': false,
            'key': ['cost_id'],
            'columns': {
                'cost_id': {'type': 'text', 'required': true},
                'cost_date': {'type': 'date', 'required': true},
                'cost_type': {
                    'type': 'text',
                    'required': true,
                    'known': [
                        'service', 'coupon', 'points', 'platform', 'message',
                        'referral_reward', 'other',
                    ],
                },
                'amount': {'type': 'money', 'required': true},
                'user_id': {'type': 'text'},
            },
        },
        'contacts': {
            'required': false,
            'key': ['contact_id'],
            'columns': {
                'contact_id': {'type': 'text', 'required': true},
                'user_id': {'type': 'text', 'required': true},
                'channel': {
                    'type': 'text',
                    'required': true,
                    'known': [
                        'push', 'sms', 'email', 'popup', 'one_to_one', 'community',
                        'official_account',
                    ],
                },
                'sent_at': {'type': 'timestamp', 'required': true},
                'campaign': {'type': 'text'},
                'plan_code': {'type': 'text'},
                'step_number': {'type': 'integer'},
                'cost': {'type': 'money', 'default': 0},
                'opened_at': {'type': 'timestamp'},
                'clicked_at': {'type': 'timestamp'},
            },
        },
        'experiments': {
            'required': false,
            'key': ['experiment_id', 'user_id', 'variant', 'assigned_at'],
            'columns': {
                'experiment_id': {'type': 'text', 'required': true},
                'user_id': {'type': 'text', 'required': true},
                'variant': {'type': 'text', 'required': true},
                'assigned_at': {'type': 'timestamp', 'required': true},
            },
        },
        'survey_responses': {
            'required': false,
            'key': ['response_id'],
            'columns': {
                'response_id': {'type': 'text', 'required': true},
                'survey_type': {
                    'type': 'text',
                    'required': true,
                    'known': ['kano', 'rating', 'nps', 'share_of_wallet'],
                },
                'user_id': {'type': 'text'},
                'respondent_id': {'type': 'text'},
                'responded_at': {'type': 'timestamp', 'required': true},
                'feature_code': {'type': 'text'},
                'functional_answer': {'type': 'integer'},
                'dysfunctional_answer': {'type': 'integer'},
                'self_importance': {'type': 'integer', 'min': 1, 'max': 9},
                'score': {'type': 'decimal'},
                'order_id': {'type': 'text'},
            },
        },
        'points_ledger': {
            'required': false,
            'key': ['entry_id'],
            'columns': {
                'entry_id': {'type': 'text', 'required': true},
                'user_id': {'type': 'text', 'required': true},
                'entry_at': {'type': 'timestamp', 'required': true},
                'entry_type': {
                    'type': 'text',
                    'required': true,
                    'known': ['earn', 'burn', 'expire'],
                },
                'points': {'type': 'decimal', 'required': true},
                'reason': {'type': 'text'},
            },
        },
        'promotions': {
            'required': false,
            'key': ['promotion_id'],
            'columns': {
                'promotion_id': {'type': 'text', 'required': true},
                'promotion_type': {
                    'type': 'text',
                    'required': true,
                    'known': [
                        'threshold', 'referral_coupon', 'group_buy', 'trial',
                        'ugc_points',
                    ],
                },
                'starts_at': {
                    'type': 'timestamp',
                    'required': true,
                    'may_be_future': true,
                },
                'ends_at': {'type': 'timestamp', 'may_be_future': true},
                'threshold_amount': {'type': 'money', 'min': 0},
                'value_amount': {'type': 'money', 'min': 0},
                'discount_rate': {'type': 'decimal', 'min': 0, 'max': 1},
                'min_group_size': {'type': 'integer', 'min': 1},
                'trial_days': {'type': 'integer', 'min': 1},
                'experiment_id': {'type': 'text'},
            },
        },
        'deals': {
            'required': false,
            'key': ['deal_id', 'stage_code', 'entered_at'],
            'columns': {
                'deal_id': {'type': 'text', 'required': true},
                'stage_code': {'type': 'text', 'required': true},
                'entered_at': {'type': 'timestamp', 'required': true},
                'amount': {'type': 'money', 'required': true},
                'user_id': {'type': 'text'},
                'account_name': {'type': 'text'},
                'owner': {'type': 'text'},
            },
        },
    } -%}
    {%- for input_name in ('users', 'orders') -%}
        {%- set columns = contract[input_name].columns -%}
        {%- for name, type in passed_columns(input_name).items()
            if name not in columns -%}
            {%- do columns.update({
                name: {'type': type, 'may_be_future': true, 'is_own': true}
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(contract) }}
{%- endmacro %}


{#
    The inputs of the contract that have staging models: all of them.

    Returns: list of names, in the order in which they are judged.
#}
{% macro built_inputs() -%}
    {{ return([
        'users', 'identities', 'orders', 'logins', 'order_items', 'refunds', 'events',
        'referrals', 'marketing_spend', 'operating_costs', 'contacts', 'experiments',
        'survey_responses', 'points_ledger', 'promotions', 'deals',
    ]) }}
{%- endmacro %}


{# Returns: SQL list of the values of a column that do not reject its row. #}
{% macro known_values(input_name, column_name) -%}
    {{ quoted_list(input_contract()[input_name].columns[column_name].known) }}
{%- endmacro %}


{#
    What the columns of the contract are often called elsewhere, by input and column, in
    English and Chinese: scripts/doctor.py looks for these names where one is missing.
    Blanks, underscores and upper case make no difference. They stand in a comment, as
    no macro reads them.

# hints
users:
  user_id: [id, uid, member_id, customer_id, account_id, buyer_id, 用户ID, 用户编号,
    会员号, 会员ID, 会员编号, 客户ID, 客户编号, 买家ID]
  registered_at: [created_at, create_time, signup_at, signup_date, register_time,
    reg_time, joined_at, 注册时间, 注册日期, 创建时间, 入会时间]
  channel: [source, acquisition_channel, utm_source, reg_source, 渠道, 注册渠道, 来源,
    获客渠道]
  campaign: [utm_campaign, campaign_name, 活动, 推广活动, 活动名称]
  email: [mail, e_mail, email_address, 邮箱, 电子邮件, 电子邮箱]
  phone: [mobile, tel, telephone, phone_number, 手机, 手机号, 手机号码, 电话]
  gender: [sex, 性别]
  birth_year: [year_of_birth, yob, 出生年份, 出生年]
  city_tier: [city_level, 城市等级, 城市级别]
  region: [province, state, area, city, 地区, 省份, 城市, 区域]
  profile_completion_pct: [profile_completion, completeness, 资料完整度, 资料完善度]
  friend_count: [friends, friends_num, 好友数, 好友数量]
  contacts_imported: [has_contacts, 是否导入通讯录, 导入通讯录]
  member_since: [membership_date, vip_since, 入会日期, 会员开通日期, 会员开通时间]
  company_industry: [industry, 行业, 公司行业]
  company_size: [employees, 公司规模, 企业规模]
  is_excluded: [is_test, is_staff, is_internal, 是否测试, 是否员工, 测试账号, 内部账号]
  updated_at: [update_time, modified_at, last_modified, 更新时间, 修改时间]
orders:
  order_id: [id, order_no, order_number, order_sn, trade_no, 订单号, 订单ID, 订单编号,
    交易号]
  user_id: [uid, member_id, customer_id, account_id, buyer_id, 用户ID, 用户编号, 会员号,
    会员ID, 会员编号, 客户ID, 客户编号, 买家ID]
  guest_email: [email, buyer_email, customer_email, 邮箱, 买家邮箱, 游客邮箱]
  ordered_at: [created_at, order_time, order_date, create_time, placed_at, purchased_at,
    下单时间, 下单日期, 订单时间, 订单日期, 创建时间, 交易时间]
  status: [order_status, state, trade_status, 状态, 订单状态, 交易状态]
  gross_amount: [amount, total, total_amount, order_amount, total_price, price,
    subtotal, 金额, 订单金额, 总金额, 总价, 商品总价, 应付金额, 原价]
  discount_amount: [discount, total_discount, coupon_amount, 优惠, 优惠金额, 折扣金额,
    折扣]
  net_amount: [paid_amount, pay_amount, payment, net, 实付, 实付金额, 实付款, 支付金额]
  cost_amount: [cost, total_cost, 成本, 成本金额]
  paid_at: [pay_time, payment_time, paid_time, 支付时间, 付款时间]
  delivered_at: [delivery_time, received_at, sign_time, 签收时间, 送达时间, 收货时间]
  category: [product_category, category_name, 品类, 类目, 商品类目, 分类]
  coupon_id: [coupon, coupon_code, 优惠券, 优惠券ID, 优惠券编号]
  promotion_id: [promotion, promo_id, promo_code, 促销ID, 促销编号, 活动ID]
  group_id: [group_buy_id, team_id, 拼团ID, 团ID, 拼团编号]
  currency: [currency_code, 币种, 货币]
  store: [shop, shop_name, store_id, store_name, 店铺, 门店, 店铺名称]
  updated_at: [update_time, modified_at, last_modified, 更新时间, 修改时间]
logins:
  login_id: [id, log_id, session_id, 登录ID, 日志ID]
  user_id: [uid, member_id, customer_id, account_id, 用户ID, 用户编号, 会员号, 会员ID,
    会员编号, 客户ID, 客户编号]
  login_at: [login_time, logged_in_at, created_at, timestamp, time, 登录时间, 访问时间,
    登录日期]
  device: [device_type, platform, 设备, 设备类型, 终端]
  app: [app_name, client, application, 应用, 客户端]
identities:
  user_id: [uid, member_id, customer_id, account_id, 用户ID, 用户编号, 会员号, 会员ID,
    会员编号, 客户ID, 客户编号]
  id_type: [type, identity_type, identifier_type, kind, 标识类型, 身份类型, 类型]
  id_value: [value, identifier, identity, identity_value, 标识, 标识值, 身份标识]
  linked_at: [bound_at, bind_time, link_time, created_at, 绑定时间, 关联时间, 创建时间]
  is_verified: [verified, confirmed, 是否验证, 已验证]
order_items:
  order_id: [order_no, order_number, order_sn, 订单号, 订单ID, 订单编号]
  line_number: [line_no, line, position, row_no, 行号, 序号, 明细序号]
  item_id: [sku, sku_id, product_id, goods_id, variant_id, 商品ID, 商品编号, 货号]
  quantity: [qty, num, count, 数量, 件数, 购买数量]
  unit_price: [price, item_price, sale_price, 单价, 售价, 价格]
  unit_cost: [cost, cost_price, 成本, 成本价, 单位成本]
  category: [product_category, category_name, 品类, 类目, 商品类目, 分类]
  plan_level: [plan, tier, level, 套餐等级, 版本等级]
refunds:
  refund_id: [id, refund_no, 退款ID, 退款单号, 退款编号]
  order_id: [order_no, order_number, order_sn, 订单号, 订单ID, 订单编号]
  refunded_at: [refund_time, refund_date, created_at, 退款时间, 退款日期]
  amount: [refund_amount, refund_fee, 退款金额, 金额]
  reason: [refund_reason, 退款原因, 原因]
events:
  event_id: [id, log_id, message_id, 事件ID, 日志ID]
  user_id: [uid, member_id, customer_id, account_id, 用户ID, 用户编号, 会员号, 会员ID,
    会员编号, 客户ID, 客户编号]
  anonymous_id: [device_id, visitor_id, cookie_id, distinct_id, 匿名ID, 访客ID, 设备ID]
  event_name: [event, event_type, action, behavior, 事件, 事件名, 事件名称, 行为, 行为类型]
  event_at: [event_time, timestamp, time, created_at, ts, 事件时间, 发生时间, 行为时间,
    访问时间]
  page: [url, page_name, page_url, path, 页面, 页面名称]
  channel: [source, utm_source, traffic_source, 渠道, 来源, 流量来源]
  campaign: [utm_campaign, campaign_name, 活动, 推广活动]
  session_id: [session, visit_id, 会话ID, 访问ID]
  item_id: [sku, sku_id, product_id, goods_id, 商品ID, 商品编号]
  category: [product_category, category_name, 品类, 类目, 商品类目]
  entry_source: [entrance, entry, scene, 入口, 入口来源]
  target_user_id: [to_user_id, followee_id, 目标用户ID, 被关注用户ID]
  rating: [stars, star, rate, 评分, 星级]
  event_value: [value, amount, 数值, 事件值]
referrals:
  referral_id: [id, invite_id, invitation_id, 邀请ID, 推荐ID, 邀请编号]
  referrer_id: [inviter_id, from_user_id, parent_id, 邀请人, 邀请人ID, 推荐人, 推荐人ID]
  referee_id: [invitee_id, to_user_id, child_id, 被邀请人, 被邀请人ID, 被推荐人ID]
  invited_at: [invite_time, sent_at, created_at, 邀请时间, 推荐时间]
  accepted_at: [accept_time, registered_at, 接受时间, 注册时间]
marketing_spend:
  spend_date: [date, day, stat_date, 日期, 投放日期, 花费日期]
  channel: [source, media, platform, 渠道, 媒体, 平台, 投放渠道]
  campaign: [campaign_name, plan_name, 活动, 计划, 推广计划]
  spend: [cost, amount, expense, 花费, 消耗, 费用, 投放金额]
  impressions: [shows, views, imp, 曝光, 展现, 曝光量, 展现量]
  clicks: [click, click_count, 点击, 点击量, 点击数]
operating_costs:
  cost_id: [id, 费用ID, 成本ID, 费用编号]
  cost_date: [date, day, 日期, 费用日期, 发生日期]
  cost_type: [type, kind, category, 类型, 费用类型, 成本类型]
  amount: [cost, expense, 金额, 费用, 成本]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
contacts:
  contact_id: [id, message_id, send_id, 触达ID, 消息ID, 发送ID]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
  channel: [type, contact_type, message_type, 渠道, 触达渠道, 触达方式, 消息类型]
  sent_at: [send_time, sent_time, created_at, contact_time, 发送时间, 触达时间]
  campaign: [campaign_name, 活动, 活动名称]
  plan_code: [plan, plan_id, journey, 计划, 计划编号, 旅程]
  step_number: [step, step_no, 步骤, 步骤序号]
  cost: [fee, price, 成本, 费用, 单条成本]
  opened_at: [open_time, read_at, 打开时间, 阅读时间]
  clicked_at: [click_time, 点击时间]
experiments:
  experiment_id: [experiment, test_id, ab_test_id, 实验ID, 实验编号]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
  variant: [arm, group, variation, bucket, 分组, 实验组, 版本]
  assigned_at: [assign_time, enrolled_at, exposed_at, created_at, 分组时间, 进组时间]
survey_responses:
  response_id: [id, answer_id, 答卷ID, 回复ID, 答卷编号]
  survey_type: [type, survey, questionnaire_type, 类型, 问卷类型]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
  respondent_id: [anonymous_id, visitor_id, 答题人ID, 受访者ID]
  responded_at: [submitted_at, answer_time, created_at, 提交时间, 答题时间, 回答时间]
  feature_code: [feature, feature_id, 功能, 功能编号]
  functional_answer: [functional, 正向题, 具备时]
  dysfunctional_answer: [dysfunctional, 反向题, 不具备时]
  self_importance: [importance, 重要性, 自评重要性]
  score: [rating, value, 分数, 评分, 得分]
  order_id: [order_no, order_number, 订单号, 订单ID, 订单编号]
points_ledger:
  entry_id: [id, ledger_id, transaction_id, 流水ID, 流水号, 积分流水号]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
  entry_at: [entry_time, created_at, changed_at, transaction_time, 变动时间, 发生时间]
  entry_type: [type, change_type, direction, 类型, 变动类型]
  points: [point, score, amount, quantity, 积分, 积分数, 变动积分]
  reason: [remark, source, 原因, 变动原因, 备注]
promotions:
  promotion_id: [id, promo_id, activity_id, 促销ID, 促销编号, 活动ID]
  promotion_type: [type, promo_type, 类型, 促销类型, 活动类型]
  starts_at: [start_time, start_date, begin_at, 开始时间, 开始日期]
  ends_at: [end_time, end_date, 结束时间, 结束日期]
  threshold_amount: [threshold, min_amount, 门槛, 满减门槛, 满额]
  value_amount: [value, discount, amount, 面额, 优惠金额, 减免金额]
  discount_rate: [rate, discount, 折扣率, 折扣]
  min_group_size: [group_size, team_size, 成团人数, 拼团人数]
  trial_days: [trial, days, 试用天数]
  experiment_id: [experiment, ab_test_id, 实验ID, 实验编号]
deals:
  deal_id: [id, opportunity_id, deal_no, 商机ID, 商机编号, 销售机会ID]
  stage_code: [stage, deal_stage, stage_name, 阶段, 商机阶段, 销售阶段]
  entered_at: [entered_time, stage_time, changed_at, updated_at, 进入时间, 变更时间]
  amount: [deal_amount, value, expected_amount, 金额, 商机金额, 预计金额]
  user_id: [uid, member_id, customer_id, 用户ID, 用户编号, 会员号, 会员ID, 客户ID]
  account_name: [account, company, company_name, 客户名称, 公司, 公司名称]
  owner: [sales, sales_rep, salesperson, 负责人, 销售, 销售负责人]
# hints
#}
