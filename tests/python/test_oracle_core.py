"""The core oracle against every worked example and boundary of the definitions."""

import random
from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from oracle import core
from oracle.labels import CODES
from oracle.settings import Settings
from oracle.shop import load_shop

START = date(2023, 1, 1)
AS_OF = date(2025, 3, 31)
DAY = timedelta(days=1)
VALID = ("paid", "shipped", "completed")
SETTINGS = {
    "churn_after_days": 30,
    "positive_rating_min": 4,
    "gross_margin_rate": 1.0,
    "refund_reverses_cost": True,
}
RULES = core.read_stage_rules()


def instant(moment):
    """A date (noon) or an instant as an aware UTC datetime."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(12), UTC)


def an_order(customer, day, gross="100.00", status="paid", refunds=(), **columns):
    """An accepted order; refunds are (date, amount)."""
    money = [Decimal(amount) for _, amount in refunds]
    discount = Decimal(columns.pop("discount", "0.00"))
    ordered_at = instant(day)
    return {
        "order_id": f"{customer}-{ordered_at.isoformat()}-{status}",
        "customer_id": customer,
        "ordered_at": ordered_at,
        "order_date": ordered_at.date(),
        "status": status,
        "is_valid": status in VALID,
        "store": None,
        "gross_amount": Decimal(gross),
        "discount_amount": discount,
        "cost_amount": None,
        "given_net_amount": None,
        "refunds": [
            {"refund_date": on, "amount": Decimal(amount)} for on, amount in refunds
        ],
        "refund_amount": sum(money, Decimal("0.00")),
        "net_amount": Decimal(gross) - discount - sum(money),
        **columns,
    }


def an_event(customer, name, day, rating=None, value=None):
    return {
        "customer_id": customer,
        "event_name": name,
        "event_at": instant(day),
        "event_date": instant(day).date(),
        "rating": rating,
        "event_value": value,
    }


def a_login(customer, day):
    return {
        "customer_id": customer,
        "login_at": instant(day),
        "login_date": instant(day).date(),
    }


def a_referral(number, referrer, invited, accepted=None, referee=None):
    return {
        "referral_id": str(number),
        "referrer_customer_id": referrer,
        "referee_customer_id": referee,
        "invited_at": instant(invited),
        "invited_date": invited,
        "accepted_at": accepted and instant(accepted),
        "accepted_date": accepted,
    }


def as_given(order):
    """The accepted input row of an order."""
    values = {"order_id": order["order_id"], "net_amount": order["given_net_amount"]}
    return SimpleNamespace(accepted=True, values=values)


def net_at(order, day):
    seen = [r["amount"] for r in order["refunds"] if r["refund_date"] <= day]
    return order["gross_amount"] - order["discount_amount"] - sum(seen)


def month_end(day):
    return day.replace(day=monthrange(day.year, day.month)[1])


def a_shop(
    registered,
    orders=(),
    logins=(),
    events=(),
    referrals=(),
    surveys=(),
    items=(),
    spend=(),
    members=None,
    start=START,
    as_of=AS_OF,
    **settings,
):
    """A shop of registered customers (customer -> registration date)."""
    days = [start + n * DAY for n in range((as_of - start).days + 1)]
    orders = sorted(orders, key=lambda o: (o["ordered_at"], o["order_id"]))
    valid, activity = defaultdict(list), defaultdict(set)
    customers = {}
    for customer, on in sorted(registered.items()):
        own = [o["order_date"] for o in orders if o["customer_id"] == customer]
        customers[customer] = {
            "customer_id": customer,
            "is_guest": on is None,
            "registered_at": on and instant(on),
            "registration_date": on,
            "entry_date": min([day for day in (on, *own[:1]) if day]),
            "channel": "unknown",
            "member_since": (members or {}).get(customer),
        }
    for order in orders:
        if order["is_valid"]:
            valid[order["customer_id"]].append(order)
            activity[order["customer_id"]].add(order["order_date"])
    for login in logins:
        activity[login["customer_id"]].add(login["login_date"])
    active_days = {
        c: sorted(d for d in found if d >= customers[c]["entry_date"])
        for c, found in activity.items()
    }
    month_ends = [day for day in days if day == month_end(day)]
    return SimpleNamespace(
        settings=SimpleNamespace(**(SETTINGS | settings)),
        as_of_date=as_of,
        history_start_date=start,
        customers=customers,
        orders=orders,
        order_items=list(items),
        logins=list(logins),
        events=list(events),
        referrals=list(referrals),
        surveys=list(surveys),
        spend=list(spend),
        valid_orders=dict(valid),
        activity_days=active_days,
        churn_days=active_days,
        month_ends=month_ends,
        snapshot_dates=sorted({*month_ends, as_of}),
        days=days,
        raw={"orders": [as_given(order) for order in orders]},
        net_at=net_at,
        week_start=lambda d: d - d.weekday() * DAY,
        month_start=lambda d: d.replace(day=1),
        month_end=month_end,
    )


def results(shop, rules=RULES, labels=None):
    return core.tables(shop, stage_rules=rules, labels=labels or {})


def where(rows, **wanted):
    """The rows that have the wanted values."""
    return [r for r in rows if all(r[k] == v for k, v in wanted.items())]


def only(rows, **wanted):
    (row,) = where(rows, **wanted)
    return row


def spans_of(shop, segmentation, customer="c", **arguments):
    rows = results(shop, **arguments)["fct_customer_segment_spans"]
    found = where(rows, segmentation=segmentation, customer_id=customer)
    return [(r["segment"], r["valid_from"], r["valid_to"]) for r in found]


def stage_at_end(column="aipl_stage", registered=START, **facts):
    """The stage at D* of a customer who is registered on the first day."""
    shop = a_shop({"c": registered}, **facts)
    return only(results(shop)["dim_customers"], customer_id="c")[column]


def a_rule(behaviour, count=1, days=1, window=15, amount=0, stage="A", rank=1):
    return {
        "framework": "AIPL",
        "stage_code": stage,
        "stage_rank": rank,
        "behaviour": behaviour,
        "min_count": count,
        "min_days": days,
        "window_days": window,
        "min_amount": amount,
    }


def march(day):
    return date(2025, 3, day)


# Stages


@pytest.mark.parametrize(("day", "stage"), [(17, "A"), (16, "none")])
def test_one_login_counts_for_fifteen_dates(day, stage):
    assert stage_at_end(logins=[a_login("c", march(day))]) == stage


def test_logins_on_two_dates_are_interest():
    logins = [a_login("c", march(20)), a_login("c", march(21))]
    assert stage_at_end(logins=logins) == "I"


def test_two_logins_on_one_date_are_awareness():
    evening = datetime(2025, 3, 20, 20, tzinfo=UTC)
    logins = [a_login("c", march(20)), a_login("c", evening)]
    assert stage_at_end(logins=logins) == "A"


@pytest.mark.parametrize(("days_ago", "stage"), [(729, "P"), (730, "none")])
def test_an_order_counts_for_730_dates(days_ago, stage):
    assert stage_at_end(orders=[an_order("c", AS_OF - days_ago * DAY)]) == stage


def test_two_orders_on_one_day_are_a_purchase_not_loyalty():
    evening = datetime(2025, 3, 1, 20, tzinfo=UTC)
    orders = [an_order("c", march(1)), an_order("c", evening)]
    assert stage_at_end(orders=orders) == "P"


@pytest.mark.parametrize(("days_ago", "stage"), [(364, "L"), (365, "P")])
def test_orders_on_two_days_within_365_are_loyalty(days_ago, stage):
    orders = [an_order("c", AS_OF - days_ago * DAY), an_order("c", AS_OF)]
    assert stage_at_end(orders=orders) == stage


@pytest.mark.parametrize("status", ["created", "cancelled", "refunded"])
def test_an_invalid_order_is_no_stage(status):
    assert stage_at_end(orders=[an_order("c", march(30), status=status)]) == "none"


def test_a_fully_refunded_order_stays_an_order():
    order = an_order("c", march(1), refunds=[(march(2), "100.00")])
    assert stage_at_end(orders=[order]) == "P"


@pytest.mark.parametrize(("rating", "stage"), [(4, "L"), (3, "P"), (None, "P")])
def test_only_a_positive_review_of_a_buyer_is_loyalty(rating, stage):
    facts = {
        "orders": [an_order("c", march(1))],
        "events": [an_event("c", "review", march(5), rating=rating)],
    }
    assert stage_at_end(**facts) == stage


def test_a_review_before_the_first_order_is_not_a_buyers():
    events = [an_event("c", "review", march(5), rating=5)]
    assert stage_at_end(events=events) == "none"
    assert stage_at_end(events=events, orders=[an_order("c", march(6))]) == "P"


def test_a_review_in_the_second_of_the_order_is_a_buyers():
    second = datetime(2025, 3, 5, 9, 0, 0, tzinfo=UTC)
    events = [an_event("c", "review", second, rating=5)]
    orders = [an_order("c", second)]
    assert stage_at_end(events=events, orders=orders) == "L"


def a_survey(customer, day, score, kind="rating"):
    return {
        "customer_id": customer,
        "survey_type": kind,
        "responded_at": instant(day),
        "responded_date": day,
        "score": Decimal(score),
    }


def test_a_rating_of_a_survey_is_a_rating():
    surveys = [
        a_survey("c", march(1), "5"),  # before the first order
        a_survey("c", march(3), "4"),
        a_survey("c", march(3), "3"),
        a_survey("c", march(4), "9", kind="nps"),
        a_survey(None, march(3), "5"),
    ]
    orders = [an_order("c", march(2))]
    shop = a_shop({"c": march(1)}, orders=orders, surveys=surveys)
    days = {r["activity_date"]: r for r in results(shop)["fct_customer_days"]}
    counts = {
        day: (
            row["rated_count"],
            row["buyer_positive_review_count"],
            row["event_count"],
        )
        for day, row in days.items()
    }
    assert counts == {march(1): (1, 0, 0), march(2): (0, 0, 0), march(3): (2, 1, 0)}
    assert only(results(shop)["dim_customers"])["aipl_stage"] == "L"


def test_advocates_share_or_refer_after_buying():
    orders = [an_order("c", march(1))]
    share = [an_event("c", "share", march(2))]
    accepted = [a_referral(1, "c", march(2), march(3), "d")]
    pending = [a_referral(1, "c", march(2))]
    for column, top, below in (
        ("aipla_stage", "ADV", "P"),
        ("stage_4a", "A4", "A3"),
        ("stage_5a", "A5", "A4"),
        ("stage_5r", "R5", "R4"),
    ):
        assert stage_at_end(column, orders=orders, events=share) == top
        assert stage_at_end(column, orders=orders, referrals=accepted) == top
        assert stage_at_end(column, orders=orders, referrals=pending) == below
    assert stage_at_end(orders=orders, events=share) == "P"
    assert stage_at_end(events=share) == "none"


def test_membership_counts_on_the_day_of_joining():
    assert stage_at_end(members={"c": march(17)}) == "I"
    assert stage_at_end(members={"c": march(16)}) == "none"
    assert stage_at_end(members={"c": AS_OF + DAY}) == "none"


def test_journey_habit_and_devotion_count_login_days():
    for days, stage in ((1, "J1"), (2, "J4"), (7, "J4"), (8, "J5"), (20, "J7")):
        logins = [a_login("c", AS_OF - n * DAY) for n in range(days)]
        assert stage_at_end("journey_stage", logins=logins) == stage


def test_occurrences_before_entry_count_once_the_customer_exists():
    shop = a_shop({"c": march(20)}, logins=[a_login("c", march(10))])
    assert spans_of(shop, "AIPL") == [
        ("A", march(20), march(25)),
        ("none", march(25), None),
    ]


def test_a_stage_is_gained_and_lost_by_the_day():
    shop = a_shop({"c": march(1)}, logins=[a_login("c", march(3))])
    assert spans_of(shop, "AIPL") == [
        ("none", march(1), march(3)),
        ("A", march(3), march(18)),
        ("none", march(18), None),
    ]


def test_a_stage_that_ends_the_day_after_the_last_day_is_still_true():
    shop = a_shop({"c": march(17)}, logins=[a_login("c", march(17))])
    assert spans_of(shop, "AIPL") == [("A", march(17), None)]


def test_amounts_of_orders_follow_refunds():
    rules = [a_rule("order", window=None, amount="100.00")]
    order = an_order("c", march(2), gross="100.00", refunds=[(march(5), "0.01")])
    shop = a_shop({"c": march(1)}, orders=[order])
    assert spans_of(shop, "AIPL", rules=rules) == [
        ("none", march(1), march(2)),
        ("A", march(2), march(5)),
        ("none", march(5), None),
    ]


def test_a_missing_amount_is_zero_and_zero_is_always_met():
    values = (None, Decimal("-5"))
    events = [an_event("c", "video", march(30), value=value) for value in values]
    shop = a_shop({"c": march(30)}, events=events)
    assert spans_of(shop, "AIPL", rules=[a_rule("video")])[0][0] == "A"
    needs_money = [a_rule("video", amount="0.01")]
    assert spans_of(shop, "AIPL", rules=needs_money)[0][0] == "none"


def test_lower_stages_need_not_hold():
    shop = a_shop({"c": march(1)}, orders=[an_order("c", march(1))])
    assert spans_of(shop, "AIPL") == [("P", march(1), None)]


def random_shop(seed, as_of=AS_OF):
    """A few customers of every kind over fifteen months."""
    dice = random.Random(seed)
    start = date(2024, 1, 10)
    length = (as_of - start).days
    registered = {f"c{n}": start + dice.randrange(length) * DAY for n in range(8)}
    registered["guest"] = None
    names = ["view", "click", "share", "review", "use", "claim", "search", "x"]

    def moment():
        return datetime.combine(start, time(0), UTC) + dice.random() * length * DAY

    def somebody():
        return dice.choice(sorted(registered))

    orders = [
        an_order(
            somebody(),
            moment(),
            gross=f"{dice.randrange(20, 200)}.00",
            status=dice.choice(["paid", "completed", "cancelled"]),
        )
        for _ in range(30)
    ]
    orders.append(an_order("guest", moment()))
    for order in dice.sample(orders, 8):
        on = order["order_date"] + dice.randrange(40) * DAY
        if on <= as_of:
            order["refunds"] = [{"refund_date": on, "amount": Decimal("10.00")}]
            order["refund_amount"] = Decimal("10.00")
            order["net_amount"] -= Decimal("10.00")
    return a_shop(
        registered,
        orders=orders,
        logins=[a_login(somebody(), moment()) for _ in range(120)],
        events=[
            an_event(somebody(), dice.choice(names), moment(), dice.choice([2, 4]))
            for _ in range(80)
        ],
        start=start,
        as_of=as_of,
    )


def stage_by_definition(shop, found, rules, framework, day):
    """The definition word by word, for one date."""
    best = (0, "none")
    for rule in where(rules, framework=framework):
        first = day - (int(rule["window_days"]) - 1) * DAY
        inside = [o for o in found[rule["behaviour"]] if first <= o.day <= day]
        least = Decimal(rule["min_amount"])
        is_order = rule["behaviour"] == "order"
        amounts = [net_at(o.amount, day) if is_order else o.amount for o in inside]
        enough = (
            len(inside) >= int(rule["min_count"])
            and len({o.day for o in inside}) >= int(rule["min_days"])
            and (least == 0 or sum(a or 0 for a in amounts) >= least)
        )
        if enough:
            best = max(best, (int(rule["stage_rank"]), rule["stage_code"]))
    return best[1]


@pytest.mark.parametrize("seed", range(3))
def test_spans_agree_with_the_definition_on_every_day(seed):
    shop = random_shop(seed)
    rules = [*RULES, a_rule("order", 1, 1, 60, "150.00", "BIG", 9)]
    spans = results(shop, rules)["fct_customer_segment_spans"]
    done = core.occurrences(shop)
    for framework in ("AIPL", "5R", "JOURNEY"):
        for span in where(spans, segmentation=framework):
            found = done[span["customer_id"]]
            day = span["valid_from"]
            while day <= AS_OF and day != span["valid_to"]:
                stage = stage_by_definition(shop, found, rules, framework, day)
                assert span["segment"] == stage, (framework, day)
                day += DAY


@pytest.mark.parametrize("seed", range(3))
def test_spans_cover_every_customer_without_gap(seed):
    shop = random_shop(seed)
    by_customer = defaultdict(list)
    for row in results(shop)["fct_customer_segment_spans"]:
        by_customer[row["segmentation"], row["customer_id"]].append(row)
    assert len(by_customer) == (7 + len(CODES)) * len(shop.customers)
    for (_, customer), rows in by_customer.items():
        assert rows[0]["valid_from"] == shop.customers[customer]["entry_date"]
        for row, following in zip(rows, rows[1:], strict=False):
            assert row["valid_from"] < row["valid_to"] == following["valid_from"]
            assert row["segment"] != following["segment"]
            assert not row["is_current"]
        assert rows[-1]["valid_to"] is None and rows[-1]["is_current"]
        assert rows[-1]["valid_from"] <= shop.as_of_date


def test_spans_do_not_change_with_later_data():
    late = results(random_shop(7))["fct_customer_segment_spans"]
    cut = date(2024, 12, 31)
    shop = random_shop(7)
    keep = [c for c, row in shop.customers.items() if row["entry_date"] <= cut]

    def seen(rows, column):
        return [r for r in rows if r[column] <= cut and r["customer_id"] in keep]

    early = a_shop(
        {c: shop.customers[c]["registration_date"] for c in keep},
        orders=seen(shop.orders, "order_date"),
        logins=seen(shop.logins, "login_date"),
        events=seen(shop.events, "event_date"),
        start=shop.history_start_date,
        as_of=cut,
    )
    expected = [
        (r["segmentation"], r["customer_id"], r["segment"], r["valid_from"])
        for r in late
        if r["valid_from"] <= cut
    ]
    found = [
        (r["segmentation"], r["customer_id"], r["segment"], r["valid_from"])
        for r in results(early)["fct_customer_segment_spans"]
    ]
    assert found == expected


# Churn


def test_churned_on_the_31st_idle_day():
    shop = a_shop({"c": date(2024, 3, 1)}, logins=[a_login("c", date(2024, 3, 1))])
    assert spans_of(shop, "churn_status") == [
        ("active", date(2024, 3, 1), date(2024, 4, 1)),
        ("churned", date(2024, 4, 1), None),
    ]


@pytest.mark.parametrize(("idle", "is_churned"), [(30, False), (31, True)])
def test_the_churn_boundary_at_the_last_day(idle, is_churned):
    shop = a_shop({"c": START}, logins=[a_login("c", AS_OF - idle * DAY)])
    row = only(results(shop)["dim_customers"])
    assert (row["idle_days"], row["is_churned"]) == (idle, is_churned)
    assert row["churn_status"] == ("churned" if is_churned else "active")


def test_activity_on_day_31_never_churns():
    first = date(2024, 3, 1)
    logins = [a_login("c", first), a_login("c", first + 31 * DAY)]
    shop = a_shop({"c": first}, logins=logins, as_of=first + 61 * DAY)
    assert spans_of(shop, "churn_status") == [("active", first, None)]


def test_returning_ends_a_churned_span():
    first, back = date(2024, 3, 1), date(2024, 4, 5)
    logins = [a_login("c", first), a_login("c", back)]
    shop = a_shop({"c": first}, logins=logins, as_of=back)
    assert spans_of(shop, "churn_status") == [
        ("active", first, date(2024, 4, 1)),
        ("churned", date(2024, 4, 1), back),
        ("active", back, None),
    ]


def test_entry_stands_in_for_activity():
    shop = a_shop({"c": date(2024, 3, 1)})
    assert spans_of(shop, "churn_status")[1][1] == date(2024, 4, 1)
    row = only(results(shop)["dim_customers"])
    assert row["last_activity_date"] is None
    assert row["idle_days"] == row["tenure_days"] == (AS_OF - date(2024, 3, 1)).days


def test_the_churn_threshold_is_a_setting():
    shop = a_shop({"c": march(1)}, churn_after_days=7)
    assert spans_of(shop, "churn_status")[1] == ("churned", march(9), None)


# RFM labels


def test_labels_enter_spans_from_month_ends_only():
    as_of = date(2025, 3, 10)
    ends = [date(2025, 1, 31), date(2025, 2, 28)]
    labels = {
        ("c", ends[0]): {"rfm_type": "general_develop", "rule_tier": "regular"},
        ("c", ends[1]): {"rfm_type": "important_value", "rule_tier": "regular"},
        ("c", as_of): {"rfm_type": "general_keep", "rule_tier": "sleeping"},
    }
    shop = a_shop({"c": date(2025, 1, 5)}, start=date(2025, 1, 1), as_of=as_of)
    assert spans_of(shop, "rfm_type", labels=labels) == [
        ("unscored", date(2025, 1, 5), ends[0]),
        ("general_develop", ends[0], ends[1]),
        ("important_value", ends[1], None),
    ]
    row = only(results(shop, labels=labels)["dim_customers"])
    assert (row["rfm_type"], row["rule_tier"]) == ("general_keep", "sleeping")


def test_segments_at_the_end_are_the_last_labels_and_the_current_spans():
    as_of = date(2025, 3, 10)
    found = {
        ("c", date(2025, 2, 28)): {"rule_tier": "regular"},
        ("c", as_of): {"rule_tier": "sleeping"},
    }
    shop = a_shop({"c": date(2025, 2, 1)}, start=date(2025, 2, 1), as_of=as_of)
    spans = results(shop, labels=found)["fct_customer_segment_spans"]
    segments = core.segments_at_the_end(shop, spans, found)
    assert segments["rule_tier"] == {"c": "sleeping"}
    assert segments["churn_status"] == {"c": "churned"}
    assert len(segments) == 7 + len(CODES)


def test_rfm_flows_join_month_ends_only():
    shop = a_shop({"c": date(2025, 1, 5)}, start=date(2025, 1, 5), as_of=march(10))
    flows = results(shop)["rpt_segment_flows"]
    pairs = {(r["date_from"], r["date_to"]) for r in where(flows, segmentation="AIPL")}
    labelled = {
        (r["date_from"], r["date_to"]) for r in where(flows, segmentation="rfm_type")
    }
    before, january, february = date(2025, 1, 4), date(2025, 1, 31), date(2025, 2, 28)
    assert labelled == {(before, january), (january, february)}
    assert pairs == labelled | {(february, march(10)), (date(2025, 2, 8), march(10))}


# Counts and flows


@pytest.mark.parametrize("seed", range(3))
def test_counts_add_up_to_the_customers_of_the_day(seed):
    shop = random_shop(seed)
    rows = results(shop)["rpt_segment_counts_daily"]
    entries = [row["entry_date"] for row in shop.customers.values()]
    totals = defaultdict(int)
    shares = defaultdict(list)
    for row in rows:
        totals[row["segmentation"], row["date_day"]] += row["customer_count"]
        shares[row["segmentation"], row["date_day"]].append(row["customer_share"])
    assert len(totals) == (7 + len(CODES)) * len(shop.days)
    for (segmentation, day), total in totals.items():
        assert total == sum(entry <= day for entry in entries)
        if total:
            assert sum(shares[segmentation, day]) == pytest.approx(1)
        else:
            assert set(shares[segmentation, day]) == {None}


def test_every_stored_segment_is_listed_on_every_day():
    shop = a_shop({"c": march(30)}, start=march(29))
    tables = results(shop)
    listed = defaultdict(set)
    for row in tables["rpt_segment_counts_daily"]:
        listed[row["segmentation"], row["date_day"]].add(row["segment"])
    for day in shop.days:
        assert listed["AIPL", day] == {"none", "A", "I", "P", "L"}
        assert listed["churn_status", day] == {"active", "churned"}
        assert len(listed["rfm_type", day]) == 9
    stages = where(tables["rpt_aipl_stage_counts"], framework="AIPLA", date_day=AS_OF)
    ranks = {row["stage"]: row["stage_rank"] for row in stages}
    assert ranks == {"none": 0, "A": 1, "I": 2, "P": 3, "L": 4, "ADV": 5}
    assert [r["stage"] for r in stages if r["customer_count"]] == ["none"]
    assert len({row["framework"] for row in tables["rpt_aipl_stage_counts"]}) == 6


def test_a_new_customer_flows_from_none():
    shop = a_shop(
        {"old": date(2025, 2, 10), "new": march(10), "lost": date(2025, 2, 10)},
        logins=[
            a_login("new", march(30)),
            a_login("old", march(25)),
            a_login("lost", date(2025, 2, 20)),
        ],
        start=date(2025, 2, 10),
    )
    tables = results(shop)
    pair = {"date_from": date(2025, 2, 28), "date_to": AS_OF, "framework": "AIPL"}
    cells = {
        (r["from_stage"], r["to_stage"]): r
        for r in where(tables["rpt_aipl_stage_flows"], **pair)
    }
    assert set(cells) == {("none", "A"), ("A", "none")}
    gained = cells["none", "A"]
    assert gained["customer_count"] == 2 and gained["customer_share"] == 1.0
    assert gained["new_customer_count"] == 1 and gained["is_complete"]
    del pair["framework"]
    summary = where(tables["rpt_segment_flow_summary"], **pair, segmentation="AIPL")
    none, stage_a = only(summary, segment="none"), only(summary, segment="A")
    assert (none["start_count"], none["end_count"], none["stay_count"]) == (2, 1, 0)
    assert (none["moved_up_count"], none["lost_count"]) == (2, 0)
    assert (none["gained_count"], none["stay_rate"]) == (0, 0.0)
    assert (stage_a["start_count"], stage_a["end_count"]) == (1, 2)
    assert (stage_a["lost_count"], stage_a["gained_count"]) == (1, 2)
    assert only(summary, segment="L")["stay_rate"] is None
    churn = where(tables["rpt_segment_flows"], **pair, segmentation="churn_status")
    assert {(r["from_segment"], r["to_segment"]) for r in churn} == {
        ("none", "active"),
        ("active", "active"),
        ("active", "churned"),
    }


def test_first_pair_starts_the_day_before_history():
    shop = a_shop({"c": date(2025, 1, 15)}, start=date(2025, 1, 15), as_of=march(20))
    pairs = core.flow_pairs(shop)
    assert pairs == [
        (date(2025, 1, 14), date(2025, 1, 31)),
        (date(2025, 1, 31), date(2025, 2, 28)),
        (date(2025, 2, 18), march(20)),
        (date(2025, 2, 28), march(20)),
    ]
    flows = where(results(shop)["rpt_segment_flows"], segmentation="AIPL")
    complete = {r["date_from"]: r["is_complete"] for r in flows}
    assert [complete[start] for start, _ in pairs] == [True, True, False, False]


def test_equal_pairs_appear_once():
    first, last = date(2025, 4, 1), date(2025, 5, 30)
    shop = a_shop({"c": first}, start=first, as_of=last)
    assert core.flow_pairs(shop)[-1] == (date(2025, 4, 30), last)
    assert len(core.flow_pairs(shop)) == 2


def test_no_month_end_leaves_the_trend_pair():
    shop = a_shop({"c": march(3)}, start=march(3), as_of=march(20))
    assert core.flow_pairs(shop) == [(date(2025, 2, 18), march(20))]


@pytest.mark.parametrize("seed", range(3))
def test_flow_identities(seed):
    shop = random_shop(seed)
    dice = random.Random(seed)
    labels = {
        (c, day): {name: dice.choice(codes) for name, codes in CODES.items()}
        for c in shop.customers
        for day in shop.snapshot_dates
    }
    tables = results(shop, labels=labels)
    cells = defaultdict(list)
    for row in tables["rpt_segment_flows"]:
        cells[row["segmentation"], row["date_from"], row["date_to"]].append(row)
    entries = [row["entry_date"] for row in shop.customers.values()]
    for (_, date_from, date_to), rows in cells.items():
        existing = sum(entry <= date_to for entry in entries)
        new = sum(date_from < entry <= date_to for entry in entries)
        assert sum(r["customer_count"] for r in rows) == existing
        assert sum(r["new_customer_count"] for r in rows) == new
    for row in tables["rpt_segment_flow_summary"]:
        rows = cells[row["segmentation"], row["date_from"], row["date_to"]]
        segment = row["segment"]
        absent = "unscored" if row["segmentation"] == "rfm_type" else "none"
        out = [r for r in rows if r["from_segment"] == segment != r["to_segment"]]
        into = [r for r in rows if r["to_segment"] == segment != r["from_segment"]]
        assert row["start_count"] == row["stay_count"] + total(out)
        assert row["end_count"] == row["stay_count"] + total(into)
        moved = row["moved_up_count"] + row["moved_down_count"] + row["lost_count"]
        assert moved == total(out)
        if segment != absent:
            assert row["lost_count"] == total(where(out, to_segment=absent))
            assert row["gained_count"] == total(where(into, from_segment=absent))


def total(rows):
    return sum(row["customer_count"] for row in rows)


# Orders


def order_row(order, items=(), **settings):
    shop = a_shop({"c": START}, orders=[order], items=items, **settings)
    return only(results(shop)["fct_orders"])


def test_margin_of_a_partly_refunded_order():
    order = an_order(
        "c",
        march(1),
        discount="20.00",
        refunds=[(march(9), "20.00")],
        cost_amount=Decimal("40.00"),
    )
    row = order_row(order)
    assert (row["net_amount"], row["margin_amount"]) == (Decimal("60.00"), 30.0)
    assert order_row(order, refund_reverses_cost=False)["margin_amount"] == 20.0


def test_margin_without_a_cost_uses_the_rate():
    row = order_row(an_order("c", march(1)), gross_margin_rate=0.3)
    assert (row["cost_amount"], row["margin_amount"]) == (None, 30.0)


def test_a_gift_costs_money():
    gift = an_order("c", march(1), discount="100.00", cost_amount=Decimal("7.00"))
    row = order_row(gift)
    assert row["is_zero_amount"] and row["margin_amount"] == -7.0


def an_item(order, line, unit_cost, quantity=2):
    return {
        "order_id": order["order_id"],
        "line_number": line,
        "item_id": "i",
        "category": None,
        "quantity": quantity,
        "unit_price": Decimal("12.50"),
        "unit_cost": unit_cost and Decimal(unit_cost),
    }


def test_cost_is_of_the_items_if_all_are_known():
    order = an_order("c", march(1), cost_amount=Decimal("50.00"))
    known = [an_item(order, 1, "10.00"), an_item(order, 2, "1.50", quantity=1)]
    partly = [an_item(order, 1, "10.00"), an_item(order, 2, None)]
    assert order_row(order, known)["cost_amount"] == Decimal("21.50")
    assert order_row(order, partly)["cost_amount"] == Decimal("50.00")
    assert order_row(order | {"cost_amount": None}, partly)["cost_amount"] is None
    shop = a_shop({"c": START}, orders=[order], items=known)
    items = results(shop)["fct_order_items"]
    assert [row["line_amount"] for row in items] == [Decimal("25.00"), Decimal("12.50")]


def test_valid_orders_are_numbered():
    orders = [
        an_order("c", march(1), status="cancelled"),
        an_order("c", march(2)),
        an_order("c", datetime(2025, 3, 2, 20, tzinfo=UTC)),
        an_order("c", march(9)),
    ]
    rows = results(a_shop({"c": START}, orders=orders))["fct_orders"]
    assert [row["valid_order_number"] for row in rows] == [None, 1, 2, 3]
    firsts = [row["is_first_valid_order"] for row in rows]
    assert firsts == [False, True, False, False]
    gaps = [row["days_since_previous_valid_order"] for row in rows]
    assert gaps == [None, None, 0, 7]


def test_flags_of_an_order():
    early = an_order("c", march(1), given_net_amount=Decimal("99.99"))
    late = an_order("c", march(3), given_net_amount=Decimal("99.98"))
    rows = results(a_shop({"c": march(2)}, orders=[early, late]))["fct_orders"]
    assert [row["is_before_registration"] for row in rows] == [True, False]
    assert [row["is_net_mismatch"] for row in rows] == [False, True]
    assert [row["is_zero_amount"] for row in rows] == [False, False]


def test_a_guest_enters_with_the_first_order_of_any_status():
    orders = [an_order("g", march(1), status="cancelled"), an_order("g", march(5))]
    tables = results(a_shop({"g": None}, orders=orders))
    row = only(tables["dim_customers"])
    assert row["is_guest"] and row["entry_date"] == march(1)
    assert row["registered_at"] is None and row["valid_order_count"] == 1
    assert not any(r["is_before_registration"] for r in tables["fct_orders"])


# Customers, days and the rest


def test_a_customer_without_orders_has_zeros_and_nulls():
    row = only(results(a_shop({"c": START}))["dim_customers"])
    assert (row["valid_order_count"], row["net_amount"]) == (0, Decimal("0.00"))
    assert row["average_order_amount"] is row["first_order_at"] is None
    assert (row["rfm_type"], row["rule_tier"]) == ("unscored", "never_purchased")


def test_average_order_amount():
    orders = [an_order("c", march(n), gross=f"{n}00.00") for n in (1, 2, 3)]
    row = only(results(a_shop({"c": START}, orders=orders))["dim_customers"])
    assert row["net_amount"] == Decimal("600.00")
    assert row["average_order_amount"] == 200.0


def test_customer_days_hold_every_occurrence():
    shop = a_shop(
        {"c": march(2)},
        orders=[
            an_order("c", march(5), refunds=[(march(9), "30.00")]),
            an_order("c", march(6), status="cancelled"),
        ],
        logins=[a_login("c", march(1)), a_login("c", march(5))],
        events=[
            an_event("c", "review", march(7), rating=5),
            an_event("c", "something else", march(8)),
            an_event("c", "login", march(8)),
            an_event(None, "view", march(10)),
            an_event("c", "view", march(5)),
        ],
        referrals=[a_referral(1, "c", march(11), march(12), "d")],
        members={"c": march(13)},
    )
    days = {r["activity_date"]: r for r in results(shop)["fct_customer_days"]}
    assert list(days) == [march(n) for n in (1, 2, 5, 7, 8, 11, 12, 13)]
    assert not days[march(1)]["is_activity_day"] and days[march(1)]["login_count"] == 1
    assert days[march(2)]["registration_count"] == 1
    fifth = days[march(5)]
    assert fifth["is_activity_day"] and fifth["is_churn_activity_day"]
    assert (fifth["valid_order_count"], fifth["net_amount"]) == (1, Decimal("70.00"))
    assert (fifth["exposure_count"], fifth["browse_count"]) == (2, 2)
    assert fifth["event_count"] == fifth["view_count"] == 1
    seventh = days[march(7)]
    assert seventh["rated_count"] == seventh["buyer_positive_review_count"] == 1
    assert (days[march(8)]["event_count"], days[march(8)]["login_count"]) == (2, 0)
    assert days[march(11)]["invite_sent_count"] == 1
    assert days[march(12)]["referral_accepted_count"] == 1
    assert days[march(12)]["buyer_referral_count"] == 1
    assert days[march(13)]["membership_count"] == 1


def test_dates_know_what_is_complete():
    shop = a_shop({"c": march(28)}, start=march(28), as_of=date(2025, 4, 3))
    rows = {row["date_day"]: row for row in results(shop)["dim_dates"]}
    assert len(rows) == 7 and all(row["is_complete_day"] for row in rows.values())
    assert rows[march(30)]["is_complete_week"] and rows[march(31)]["is_complete_month"]
    assert not rows[march(31)]["is_complete_week"]
    assert not rows[date(2025, 4, 1)]["is_complete_month"]


def test_pending_invitations_are_kept():
    accepted = a_referral(2, "c", march(1), march(2), "d")
    referrals = [a_referral(1, "c", march(1)), accepted]
    rows = results(a_shop({"c": START}, referrals=referrals))["fct_referrals"]
    assert [row["is_accepted"] for row in rows] == [False, True]


def test_an_empty_shop_has_empty_tables():
    shop = a_shop({}, start=AS_OF + DAY)
    assert not shop.days
    assert not any(results(shop).values())


def test_a_day_with_only_anonymous_events_has_no_share():
    shop = a_shop({}, events=[an_event(None, "view", AS_OF)], start=AS_OF)
    tables = results(shop)
    assert {r["customer_share"] for r in tables["rpt_segment_counts_daily"]} == {None}
    assert tables["rpt_segment_flows"] == []
    assert {r["start_count"] for r in tables["rpt_segment_flow_summary"]} == {0}


def test_the_stage_rules_are_complete():
    sizes = defaultdict(int)
    for row in RULES:
        sizes[row["framework"]] += 1
    assert dict(sizes) == {
        "AIPL": 13,
        "AIPLA": 16,
        "4A": 11,
        "5A": 16,
        "5R": 18,
        "JOURNEY": 14,
    }


def test_a_shop_read_from_text():
    user = {"user_id": "u1", "registered_at": "2025-01-10T23:30:00", "email": "A@x.org"}
    order = {"ordered_at": "2025-01-05", "status": "paid", "gross_amount": "50"}
    shop = load_shop(
        {
            "users": [user | {"channel": "search", "member_since": "2025-01-20"}],
            "orders": [
                order | {"order_id": "o1", "guest_email": " a@X.org "},
                order | {"order_id": "o2", "guest_email": "b@x.org", "net_amount": "4"},
            ],
            "logins": [{"user_id": "u1", "login_at": "2025-02-20 08:00"}],
            "marketing_spend": [
                {"spend_date": "2025-02-01", "channel": "search", "spend": "9.995"}
            ],
        },
        Settings.from_vars({"business_timezone": "Asia/Shanghai"}),
    )
    tables = core.tables(shop)
    row, guest = sorted(tables["dim_customers"], key=lambda r: r["is_guest"])
    assert row["customer_id"] == "u1" and row["entry_date"] == date(2025, 1, 5)
    assert row["registration_date"] == date(2025, 1, 11)
    assert (row["aipl_stage"], row["churn_status"]) == ("P", "active")
    assert guest["customer_id"].startswith("guest:") and guest["is_churned"]
    orders = {r["order_id"]: r for r in tables["fct_orders"]}
    assert orders["o1"]["is_before_registration"]
    assert not orders["o2"]["is_before_registration"]
    assert orders["o2"]["is_net_mismatch"] and not orders["o1"]["is_net_mismatch"]
    joined = only(tables["fct_customer_days"], activity_date=date(2025, 1, 20))
    assert joined["membership_count"] == 1 and not joined["is_activity_day"]
    assert only(tables["fct_channel_spend"])["spend_amount"] == Decimal("10.00")
    assert {r["rfm_type"] for r in tables["dim_customers"]} != {"unscored"}
