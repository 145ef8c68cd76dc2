"""The shop model: what customers of the generated shop do, as Arrow tables.

Users register through channels of different quality, stay for a while, and log in,
browse, order and invite others while they stay. Everything is made per chunk of
customers, so a shop of any size needs the memory of one chunk.

Time is whole seconds since the first day of the shop, money is whole cents.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shop_service import (
    make_assignments,
    make_contacts,
    make_costs,
    make_deals,
    make_identities,
    make_points,
    make_promotions,
    make_responses,
    make_shared_costs,
)
from shop_tools import (
    DAY,
    HOUR,
    HOURS,
    MINUTE,
    Dice,
    cents,
    chosen,
    clock,
    instants,
    moments,
    names,
    time_left,
    words,
)

LAST_DAY = date(2025, 6, 30)
CUSTOMERS_PER_CHUNK = 10_000

# Channel: share of registrations, days a customer stays, cost of a registration.
CHANNELS = {
    "organic": (0.26, 160, 0.0),
    "search_ads": (0.20, 120, 9.0),
    "social_ads": (0.17, 75, 7.0),
    "short_video": (0.17, 40, 4.0),
    "referral": (0.12, 200, 0.0),
    "offline": (0.08, 220, 15.0),
}
CHANNEL_NAMES = list(CHANNELS)
CHANNEL_SHARES, CHANNEL_STAYS, CHANNEL_COSTS = np.array(list(CHANNELS.values())).T
REFERRAL, OFFLINE = CHANNEL_NAMES.index("referral"), CHANNEL_NAMES.index("offline")
PAID_CHANNELS = np.flatnonzero(CHANNEL_COSTS > 0)
# Every channel has two campaigns; only the paid ones use them.
CAMPAIGNS = [f"{name}_{kind}" for name in CHANNEL_NAMES for kind in ("brand", "sale")]
# Where an impression or click, and where a visit, comes from.
TOUCH_CHANNELS = CHANNEL_NAMES + ["email", "push", "direct"]
AD_SHARES = [5, 26, 28, 22, 2, 2, 8, 7, 0]
VISIT_SHARES = [30, 12, 10, 8, 6, 0, 6, 6, 22]

CATEGORIES = ["home", "beauty", "food", "fashion", "sports", "digital"]
STATUSES = ["created", "paid", "shipped", "completed", "cancelled", "refunded"]
CREATED, PAID, SHIPPED, COMPLETED, CANCELLED, REFUNDED = range(6)
COUPONS = ["welcome_10", "season_5", "vip_20"]
COUPON_PERCENTS = np.array([10, 5, 20])
STORES = ["online", "store_centre", "store_north"]
REASONS = ["damaged", "late", "not_as_described", "changed_mind"]
GENDERS = ["female", "male", "other"]
REGIONS = ["north", "east", "south", "west", "central"]
CITY_TIERS = ["tier_1", "new_tier_1", "tier_2", "tier_3", "lower"]
COMPANY_SIZES = ["small", "medium", "large"]
INDUSTRIES = ["retail", "education", "software", "manufacturing"]
DEVICES = ["android", "ios", "web", "tablet"]
SOURCES = ["search", "browse", "direct", "recommendation", "push", "live"]
SOURCE_SHARES = [25, 33, 15, 16, 6, 5]
VISITOR_BEHAVIOURS = ["view", "impression", "click"]

# What customers do in a session, with its share of the rows and its page.
BEHAVIOURS = {
    "view": (46, "item"),
    "impression": (11, "home"),
    "click": (10, "home"),
    "search": (8, "search"),
    "favourite": (4, "item"),
    "cart": (4, "cart"),
    "like": (3, "feed"),
    "compare": (2, "item"),
    "check_in": (2, "account"),
    "comment": (1.6, "feed"),
    "follow": (1.4, "feed"),
    "use": (1.4, "account"),
    "share": (1.2, "item"),
    "claim": (1, "account"),
    "game": (0.9, "account"),
    "enquiry": (0.8, "support"),
    "lottery": (0.7, "account"),
    "task_1": (0.6, "academy"),
    "support": (0.5, "support"),
    "checkout": (0.5, "cart"),
    "publish": (0.4, "feed"),
    "redeem": (0.4, "account"),
    "task_2": (0.4, "academy"),
    "complaint": (0.3, "support"),
    "task_3": (0.3, "academy"),
    "trial_start": (0.3, "account"),
    "task_4": (0.2, "academy"),
    "task_5": (0.1, "academy"),
    "task_6": (0.05, "academy"),
    "review": (0.05, "item"),
}
BEHAVIOUR_NAMES = list(BEHAVIOURS)
BEHAVIOUR_SHARES, BEHAVIOUR_PAGES = zip(*BEHAVIOURS.values(), strict=True)


@dataclass(frozen=True)
class Shop:
    """Size and span of a shop; orders, logins and events are per customer.

    linked is the share of customers with a second account, and of browsers that were
    found to be a customer's.
    """

    customers: int
    orders: float
    logins: float
    events: float
    months: int = 18
    seed: int = 1
    linked: float = 0.05

    @property
    def first_day(self):
        """The first of the month that makes the span `months` long."""
        years, month = divmod(LAST_DAY.year * 12 + LAST_DAY.month - self.months, 12)
        return date(years, month + 1, 1)

    @property
    def days(self):
        return (LAST_DAY - self.first_day).days + 1

    @property
    def launch_day(self):
        """Offset of the day a product is launched: a burst of everything."""
        return self.days * 47 // 100

    @property
    def bad_week(self):
        """Offset of the first of seven days with few orders and many complaints."""
        return self.days * 72 // 100


def catalogue(shop):
    """Sixty products, cheapest first: price, cost, whether the cost is known."""
    dice = Dice(shop.seed, 0)
    price = np.sort((3_000 * dice.lognormal(0.8, 60)).astype(np.int64)) // 10 * 10 + 90
    cost = (price * (0.35 + 0.3 * dice.random(60))).astype(np.int64)
    return {
        "price": price,
        "cost": cost,
        "cost_known": ~dice.chance(0.1, 60),
        "category": dice.below(len(CATEGORIES), 60),
    }


def make_users(shop, dice, first, count):
    """Customers number first, first + 1, ... in order of registration.

    Returns their columns and the crowd: what the other inputs need to know of them.
    """
    ticks = clock(shop, launch=5, bad_week=0.7)
    growing = ticks[-1] * dice.random(count) ** 0.7
    day = np.clip(np.searchsorted(ticks, growing, side="right") - 1, 0, shop.days - 1)
    # Nobody registers after 22:00, so the first hour of a customer stays on that day.
    hour = dice.pick(HOURS[:22], count)
    at = np.sort(day * DAY + hour * HOUR + dice.below(HOUR, count))

    channel = dice.pick(CHANNEL_SHARES, count)
    channel[0] = 0  # nobody is there yet to refer the first
    stay = CHANNEL_STAYS[channel] * dice.lognormal(1.1, count)
    stay[dice.chance(0.12, count)] = 0.2  # these look once and leave
    crowd = {
        "number": first + np.arange(count),
        "ids": names("u", first + np.arange(count)),
        "at": at,
        "channel": channel,
        "stay": stay,
        "presence": stay * -np.expm1(-time_left(ticks, at) / stay),
        "taste": dice.lognormal(0.5, count),
    }
    return user_columns(shop, dice, crowd), crowd


def user_columns(shop, dice, crowd):
    """What the shop knows about its customers, with gaps."""
    at, channel, count = crowd["at"], crowd["channel"], len(crowd["at"])
    joined = at + dice.below(90 * DAY, count)
    is_member = dice.chance(0.2, count) & (joined < shop.days * DAY)
    is_company = dice.chance(0.05, count)
    age = 18 + (dice.random(count) ** 1.6 * 55).astype(np.int64)
    friends = (5 * dice.lognormal(1, count)).astype(np.int64)
    return {
        "user_id": crowd["ids"],
        "registered_at": instants(shop, at),
        "channel": words(chosen(channel, dice.chance(0.98, count)), CHANNEL_NAMES),
        "campaign": words(
            chosen(channel * 2 + dice.below(2, count), CHANNEL_COSTS[channel] > 0),
            CAMPAIGNS,
        ),
        "email": pc.binary_join_element_wise(crowd["ids"], "@example.com", ""),
        "phone": names("+1555", crowd["number"]),
        "gender": words(dice.pick([7, 50, 40, 3], count) - 1, GENDERS),
        "birth_year": pa.array(2025 - age, mask=dice.chance(0.15, count)),
        "city_tier": words(dice.pick([5, 15, 20, 25, 20, 15], count) - 1, CITY_TIERS),
        "region": words(dice.below(len(REGIONS), count), REGIONS),
        "profile_completion_pct": cents(dice.below(101, count) * 100),
        "friend_count": pa.array(friends, mask=dice.chance(0.1, count)),
        "contacts_imported": pa.array(
            dice.chance(0.3, count), mask=dice.chance(0.1, count)
        ),
        "member_since": instants(shop, joined // DAY * DAY, is_member),
        "company_industry": words(
            chosen(dice.below(len(INDUSTRIES), count), is_company), INDUSTRIES
        ),
        "company_size": words(
            chosen(dice.below(len(COMPANY_SIZES), count), is_company), COMPANY_SIZES
        ),
        "is_excluded": pa.array(dice.chance(0.003, count)),
        "updated_at": instants(shop, at + dice.below(DAY, count)),
    }


def make_logins(shop, dice, crowd, first):
    """Logins, by time; some customers never log in. Also returns who and when."""
    count = len(crowd["at"])
    wish = crowd["presence"] * dice.lognormal(0.8, count) * dice.chance(0.96, count)
    who = np.repeat(np.arange(count), dice.counts(wish, shop.logins))
    ticks = clock(shop, launch=3, bad_week=0.6)
    at = moments(dice, ticks, crowd["at"][who], crowd["stay"][who])
    # Most people log in right after they register.
    is_first = (np.diff(who, prepend=-1) > 0) & dice.chance(0.8, len(who))
    at = np.where(is_first, crowd["at"][who] + dice.below(HOUR, len(who)), at)
    order = np.argsort(at, kind="stable")
    who, at = who[order], at[order]
    columns = {
        "login_id": names("l", first + np.arange(len(who)), 9),
        "user_id": words(who, crowd["ids"]),
        "login_at": instants(shop, at),
        "device": words(dice.pick([45, 35, 17, 3], len(who)), DEVICES),
        "app": words(dice.pick([70, 30], len(who)), ["shop", "mini_program"]),
    }
    return columns, {"who": who, "at": at, "first": first}


def make_orders(shop, dice, crowd, first):
    """Orders, by time, with items and refunds; also returns what events need."""
    count = len(crowd["at"])
    wish = (crowd["presence"] + 3) * dice.lognormal(1, count) * dice.chance(0.62, count)
    who = np.repeat(np.arange(count), dice.counts(wish, shop.orders))
    ticks = clock(shop, launch=4, bad_week=0.4)
    # Buying goes on a little longer than looking around.
    at = moments(dice, ticks, crowd["at"][who], crowd["stay"][who] * 1.3 + 2)
    order = np.argsort(at, kind="stable")
    who, at, count = who[order], at[order], len(who)
    ids = names("o", first + np.arange(count), 8)
    items, products, gross, cost = make_items(shop, dice, ids, crowd["taste"][who])

    coupon = dice.pick([65, 12, 18, 5], count) - 1
    discount = gross * np.where(coupon < 0, 0, COUPON_PERCENTS[coupon]) // 100
    life = order_life(shop, dice, at)
    by_guest = dice.chance(0.05, count)
    is_group = dice.chance(0.03, count)
    promotion = np.where(life["is_launch"], 0, np.where(is_group, 1, -1))
    groups = names("g", first + np.arange(shop.days), 8)
    columns = {
        "order_id": ids,
        "user_id": words(chosen(who, ~by_guest), crowd["ids"]),
        "guest_email": guest_emails(dice, crowd, who, by_guest),
        "ordered_at": instants(shop, at),
        "status": words(life["status"], STATUSES),
        "gross_amount": cents(gross),
        "discount_amount": cents(discount, (coupon >= 0) | dice.chance(0.5, count)),
        "net_amount": cents(gross - discount, dice.chance(0.8, count)),
        "cost_amount": cents(cost, dice.chance(0.4, count)),
        "paid_at": instants(shop, life["paid_at"], life["is_paid"]),
        "delivered_at": instants(shop, life["delivered_at"], life["is_delivered"]),
        "category": words(catalogue(shop)["category"][products], CATEGORIES),
        "coupon_id": words(coupon, COUPONS),
        "promotion_id": words(promotion, ["launch", "group_buy"]),
        "group_id": words(chosen(at // DAY, is_group), groups),
        "currency": words(np.zeros(count, np.int64), ["USD"]),
        "store": words(dice.pick([75, 15, 10], count), STORES),
        "updated_at": instants(
            shop,
            np.where(life["is_delivered"], life["delivered_at"], life["paid_at"]),
        ),
    }
    refunds = make_refunds(shop, dice, ids, at, gross - discount, life)
    made = {"orders": columns, "order_items": items, "refunds": refunds}
    by_customer = life["is_paid"] & ~by_guest
    bought = {"who": who, "at": at, "product": products, "by_customer": by_customer}
    return made, life | bought


def order_life(shop, dice, at):
    """How orders go: status, payment, delivery, and what the shop is going through."""
    day, age = at // DAY, shop.days - at // DAY
    normal = np.where(age <= 2, PAID, np.where(age <= 5, SHIPPED, COMPLETED))
    outcome = dice.pick([90, 3, 5.5, 1.5], len(at))
    status = np.choose(outcome, [normal, CREATED, CANCELLED, REFUNDED])
    return {
        "status": status,
        "is_paid": (status != CREATED) & (status != CANCELLED),
        "paid_at": at + dice.below(30 * MINUTE, len(at)),
        "is_delivered": (status == COMPLETED) | (status == REFUNDED),
        "delivered_at": at + DAY + dice.below(6 * DAY, len(at)),
        "is_bad": (day >= shop.bad_week) & (day < shop.bad_week + 7),
        "is_launch": (day >= shop.launch_day) & (day < shop.launch_day + 3),
    }


def guest_emails(dice, crowd, who, by_guest):
    """Half of the guests have no account; the rest use their account's e-mail."""
    count = len(who)
    stranger = dice.chance(0.5, count)
    host = np.where(stranger, "@guest.example.com", "@EXAMPLE.com ")
    name = words(chosen(who, by_guest), crowd["ids"])
    return pc.binary_join_element_wise(name, pa.array(host), "")


def make_items(shop, dice, order_ids, taste):
    """One to four lines per order.

    Returns them and, per order, its first product, its gross amount and its cost.
    """
    goods = catalogue(shop)
    lines = 1 + dice.pick([52, 28, 14, 6], len(order_ids))
    order = np.repeat(np.arange(len(order_ids)), lines)
    start = np.cumsum(lines) - lines
    # Customers with an expensive taste choose from the end of the catalogue.
    product = (60 * dice.random(len(order)) ** (1 / taste[order])).astype(np.int64)
    quantity = 1 + dice.pick([82, 13, 5], len(order))
    columns = {
        "order_id": words(order, order_ids),
        "line_number": pa.array(np.arange(len(order)) - start[order] + 1),
        "item_id": names("p", product, 3),
        "quantity": pa.array(quantity),
        "unit_price": cents(goods["price"][product]),
        "unit_cost": cents(goods["cost"][product], goods["cost_known"][product]),
        "category": words(goods["category"][product], CATEGORIES),
    }
    gross = np.add.reduceat(quantity * goods["price"][product], start)
    cost = np.add.reduceat(quantity * goods["cost"][product], start)
    return columns, product[start], gross, cost


def make_refunds(shop, dice, order_ids, at, amount, life):
    """Refunds, in full for orders with status refunded, else more in the bad week.

    Some come after the last day: a later extract of the shop would know them.
    """
    count, status = len(at), life["status"]
    unhappy = dice.chance(np.where(life["is_bad"], 0.22, 0.05), count)
    is_full = (status == REFUNDED) | dice.chance(0.5, count)
    part = amount * (20 + dice.below(60, count)) // 100
    refund = np.where(is_full, amount, part)
    later = at + 2 * DAY + dice.below(25 * DAY, count)
    reason = dice.pick([30, 25, 15, 30], count)
    is_sold = (status == SHIPPED) | (status == COMPLETED)
    is_refunded = unhappy & is_sold | (status == REFUNDED)
    rows = np.flatnonzero(is_refunded & (refund > 0))
    ids = order_ids.take(rows)
    return {
        "refund_id": pc.binary_join_element_wise("r", ids, "_"),
        "order_id": ids,
        "refunded_at": instants(shop, later[rows]),
        "amount": cents(refund[rows]),
        "reason": words(reason[rows], REASONS),
    }


def make_referrals(shop, dice, crowd):
    """One accepted invitation per referred customer, and pending ones."""
    at, count = crowd["at"], len(crowd["at"])
    referee = np.flatnonzero(crowd["channel"] == REFERRAL)
    # Most invite within weeks of joining. Of the others the early ones invite most,
    # which gives a few of them a large following.
    back = dice.random(len(referee))
    is_fresh = dice.random(len(referee)) < 0.6
    referrer = np.where(is_fresh, referee * (1 - 0.05 * back), referee * back**2)
    referrer = np.clip(referrer.astype(np.int64), 0, np.maximum(referee - 1, 0))
    pending = dice.below(count, count // 10)
    invited_at = np.maximum(
        at[referee] - dice.below(3 * DAY, len(referee)), at[referrer]
    )
    pending_at = at[pending] + dice.below(60 * DAY, len(pending))
    pending = pending[pending_at < shop.days * DAY]
    pending_at = pending_at[pending_at < shop.days * DAY]
    who = np.concatenate([referrer, pending])
    whom = np.concatenate([referee, np.full(len(pending), -1)])
    accepted_at = np.where(whom < 0, 0, at[whom] + dice.below(HOUR, len(whom)))
    return {
        "referral_id": names("i", crowd["number"][0] + np.arange(len(who)), 8),
        "referrer_id": words(who, crowd["ids"]),
        "referee_id": words(whom, crowd["ids"]),
        "invited_at": instants(shop, np.concatenate([invited_at, pending_at])),
        "accepted_at": instants(shop, accepted_at, whom >= 0),
    }


def make_events(shop, dice, crowd, logins, bought, first):
    """Events, by time: in sessions, around orders, and before registration."""
    wanted = round(shop.events * len(crowd["at"]))
    parts = [
        order_events(dice, bought, wanted * 0.4),
        anonymous_events(dice, crowd, round(wanted * 0.06)),
    ]
    rest = wanted - sum(len(part["at"]) for part in parts)
    parts.append(session_events(dice, logins, max(rest, 0)))
    rows = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    inside = (rows["at"] >= 0) & (rows["at"] < shop.days * DAY)
    order = np.argsort(rows["at"], kind="stable")
    order = order[inside[order]]
    rows = {name: values[order] for name, values in rows.items()}
    sessions = names("s", logins["first"] + np.arange(len(logins["at"])), 9)
    return event_columns(shop, dice, crowd, rows, sessions, first)


def session_events(dice, logins, count):
    """What customers do in the half hour after a login."""
    login = dice.below(len(logins["at"]), count if len(logins["at"]) else 0)
    return {
        "at": logins["at"][login] + 5 + dice.below(25 * MINUTE, len(login)),
        "who": logins["who"][login],
        "visitor": np.full(len(login), -1),
        "name": dice.pick(BEHAVIOUR_SHARES, len(login)),
        "product": dice.below(60, len(login)),
        "session": login,
        "happy": np.ones(len(login), bool),
    }


def order_events(dice, bought, wanted):
    """The way to an order and what follows, for as many orders as wanted allows."""
    # Name, earliest and latest minute before (-) the order or after its delivery,
    # and the share of orders that have it, in a usual and in the bad week.
    steps = [
        ("search", -180, -90, 0.3, 0.3),
        ("view", -90, -40, 0.95, 0.95),
        ("cart", -40, -15, 0.85, 0.85),
        ("checkout", -15, -1, 0.75, 0.75),
        ("use", 60, 5_000, 0.2, 0.2),
        ("review", 600, 20_000, 0.35, 0.5),
        ("share", 600, 20_000, 0.07, 0.02),
        ("support", 60, 8_000, 0.05, 0.2),
        ("complaint", 60, 8_000, 0.02, 0.25),
    ]
    per_order = sum(usual for *_, usual, _ in steps)
    count = len(bought["at"])
    told = (
        dice.chance(wanted / max(per_order * count, 1), count) & bought["by_customer"]
    )
    parts = []
    for name, earliest, latest, usual, bad in steps:
        share = np.where(bought["is_bad"], bad, usual)
        row = np.flatnonzero(dice.chance(share, count) & told)
        base = bought["at"] if latest < 0 else bought["delivered_at"]
        wait = earliest * MINUTE + dice.below((latest - earliest) * MINUTE, len(row))
        parts.append(
            {
                "at": base[row] + wait,
                "who": bought["who"][row],
                "visitor": np.full(len(row), -1),
                "name": np.full(len(row), BEHAVIOUR_NAMES.index(name)),
                "product": bought["product"][row],
                "session": np.full(len(row), -1),
                "happy": ~bought["is_bad"][row],
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def anonymous_events(dice, crowd, count):
    """Visits of later customers before they register, and of people who never do."""
    who = dice.below(len(crowd["at"]), count)
    behaviours = [BEHAVIOUR_NAMES.index(name) for name in VISITOR_BEHAVIOURS]
    stranger = dice.chance(0.3, count)
    return {
        "at": crowd["at"][who] - 30 - dice.below(10 * DAY, count),
        "who": np.full(count, -1),
        "visitor": np.where(stranger, who + len(crowd["at"]), who),
        "name": np.array(behaviours)[dice.pick([50, 30, 20], count)],
        "product": dice.below(60, count),
        "session": np.full(count, -1),
        "happy": np.ones(count, bool),
    }


def event_columns(shop, dice, crowd, rows, sessions, first):
    """The columns of events that happened as `rows` say."""
    who, name, product = rows["who"], rows["name"], rows["product"]
    count = len(who)

    def is_one_of(*wanted):
        return np.isin(name, [BEHAVIOUR_NAMES.index(one) for one in wanted])

    # One in four customers was recognised from earlier, anonymous visits.
    recognised = (who >= 0) & (crowd["number"][who] % 4 == 0)
    visitors = names("a", crowd["number"]), names("v", crowd["number"])
    is_ad = is_one_of("impression", "click")
    is_touch = is_ad | is_one_of("view") & dice.chance(0.4, count)
    from_ad, from_visit = dice.pick(AD_SHARES, count), dice.pick(VISIT_SHARES, count)
    channel = np.where(is_ad, from_ad, from_visit)
    is_paid = np.isin(channel, PAID_CHANNELS) & is_touch
    campaign = chosen(channel * 2 + dice.below(2, count), is_paid)
    has_product = is_one_of("view", "click", "favourite", "cart", "compare", "review")
    source = np.where(is_one_of("search"), 0, dice.pick(SOURCE_SHARES, count))
    has_source = is_one_of("search", "view", "click", "cart")
    is_social = is_one_of("like", "comment", "follow") & dice.chance(0.8, count)
    target = dice.below(len(crowd["at"]), count)
    rating = np.where(
        rows["happy"], dice.pick([4, 5, 11, 30, 50], count), dice.below(4, count)
    )
    return {
        "event_id": names("e", first + np.arange(count), 9),
        "user_id": words(who, crowd["ids"]),
        "anonymous_id": words(
            np.where(recognised, who, rows["visitor"]), pa.concat_arrays(visitors)
        ),
        "event_name": words(name, BEHAVIOUR_NAMES),
        "event_at": instants(shop, rows["at"]),
        "page": words(name, BEHAVIOUR_PAGES),
        "channel": words(chosen(channel, is_touch), TOUCH_CHANNELS),
        "campaign": words(campaign, CAMPAIGNS),
        "session_id": words(rows["session"], sessions),
        "item_id": words(chosen(product, has_product), names("p", np.arange(60), 3)),
        "category": words(
            chosen(catalogue(shop)["category"][product], has_product), CATEGORIES
        ),
        "entry_source": words(chosen(source, has_source), SOURCES),
        "target_user_id": words(chosen(target, is_social), crowd["ids"]),
        "rating": pa.array(1 + rating, mask=~is_one_of("review")),
        "event_value": cents(
            100 + dice.below(6_000, count), is_one_of("use", "redeem")
        ),
    }


def make_spend(shop):
    """Spend per day, paid channel and campaign, in step with registrations."""
    dice = Dice(shop.seed, 1)
    ticks = clock(shop, launch=5, bad_week=1.5)
    growth = (0.4 + np.arange(shop.days) / shop.days) * np.diff(ticks) / shop.days
    day, channel, kind = (
        grid.ravel()
        for grid in np.meshgrid(
            np.arange(shop.days), PAID_CHANNELS, [0, 1], indexing="ij"
        )
    )
    weekday = (np.datetime64(shop.first_day).astype(np.int64) + 3 + day) % 7
    # Offline is leaflets: one campaign, on Saturdays, and nothing to click.
    is_offline = channel == OFFLINE
    keep = ~is_offline | (weekday == 5) & (kind == 0)
    day, channel, kind, is_offline = (
        values[keep] for values in (day, channel, kind, is_offline)
    )
    count = len(day)
    people = shop.customers * growth[day] * CHANNEL_SHARES[channel]
    people *= np.where(is_offline, 7, np.where(kind == 0, 0.4, 0.6))
    noise = 0.7 + 0.6 * dice.random(count)
    spend = (100 * people * CHANNEL_COSTS[channel] * noise).astype(np.int64)
    impressions = (spend * (0.8 + 0.8 * dice.random(count))).astype(np.int64)
    clicks = (impressions * (0.008 + 0.02 * dice.random(count))).astype(np.int64)
    return {
        "spend_date": pc.cast(instants(shop, day * DAY), pa.date32()),
        "channel": words(channel, CHANNEL_NAMES),
        "campaign": words(chosen(channel * 2 + kind, ~is_offline), CAMPAIGNS),
        "spend": cents(spend),
        "impressions": pa.array(impressions, mask=is_offline),
        "clicks": pa.array(clicks, mask=is_offline),
    }


def make_shop(shop):
    """The inputs of the shop, chunk by chunk: (input, its columns by name)."""
    made_orders = made_logins = made_events = 0
    made_contacts = made_costs = made_responses = 0
    yield "marketing_spend", make_spend(shop)
    yield "promotions", make_promotions(shop)
    yield "operating_costs", make_shared_costs(shop)
    for first in range(1, shop.customers + 1, CUSTOMERS_PER_CHUNK):
        count = min(CUSTOMERS_PER_CHUNK, shop.customers + 1 - first)
        dice = Dice(shop.seed, 2, first)
        users, crowd = make_users(shop, dice, first, count)
        yield "users", users
        referrals = make_referrals(shop, dice, crowd)
        yield "referrals", referrals
        logins, visits = make_logins(shop, dice, crowd, made_logins + 1)
        yield "logins", logins
        orders, bought = make_orders(shop, dice, crowd, made_orders + 1)
        yield from orders.items()
        events = make_events(shop, dice, crowd, visits, bought, made_events + 1)
        yield "events", events
        # Dice of their own: what customers do is the same with and without service.
        dice = Dice(shop.seed, 3, first)
        contacts = make_contacts(shop, dice, crowd, visits, made_contacts + 1)
        yield "contacts", contacts
        costs = make_costs(shop, dice, crowd, referrals, made_costs + 1)
        yield "operating_costs", costs
        order_ids = orders["orders"]["order_id"]
        responses = make_responses(
            shop, dice, crowd, order_ids, bought, made_responses + 1
        )
        yield "survey_responses", responses
        dice = Dice(shop.seed, 5, first)
        yield "identities", make_identities(shop, dice, crowd)
        yield "experiments", make_assignments(shop, dice, crowd)
        yield "points_ledger", make_points(shop, dice, crowd)
        yield "deals", make_deals(shop, dice, crowd)
        made_logins += len(visits["at"])
        made_orders += len(bought["at"])
        made_events += len(events["event_id"])
        made_contacts += len(contacts["contact_id"])
        made_costs += len(costs["cost_id"])
        made_responses += len(responses["response_id"])
