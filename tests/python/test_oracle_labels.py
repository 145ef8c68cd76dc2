"""Labels of customers: the oracle against examples and boundaries of V-13 to R-23."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from oracle import core, labels
from oracle.shop import Settings, load_shop

DAY = timedelta(days=1)
AS_OF = date(2025, 3, 31)


def ago(days):
    """A date so many days before the as-of date."""
    return AS_OF - days * DAY


def an_order(customer, on, gross="10", status="paid", **columns):
    return {
        "user_id": customer,
        "ordered_at": str(on),
        "status": status,
        "gross_amount": str(gross),
        **columns,
    }


def a_shop(users=(), orders=(), as_of=AS_OF, settings=None, **inputs):
    """A loaded shop: users are (id, registered) or rows, other inputs rows by name.

    Rows get a number as their id; orders may be (customer, day, gross).
    """
    users = [
        u if isinstance(u, dict) else {"user_id": u[0], "registered_at": str(u[1])}
        for u in users
    ]
    orders = [o if isinstance(o, dict) else an_order(*o) for o in orders]
    keys = {
        "logins": "login_id",
        "events": "event_id",
        "refunds": "refund_id",
        "referrals": "referral_id",
        "survey_responses": "response_id",
        "order_items": "line_number",
    }
    tables = {"users": users, "orders": numbered(orders, "order_id"), "logins": []}
    for name, rows in inputs.items():
        tables[name] = numbered(rows, keys[name])
    return load_shop(tables, Settings(as_of_date=as_of, **(settings or {})))


def numbered(rows, key):
    return [{key: str(n), **row} for n, row in enumerate(rows, 1)]


def label(name, shop, customer="u", on=None):
    return labels.labels(shop)[customer, on or shop.as_of_date][name]


def pick(rows, **key):
    """The one row with these column values."""
    (row,) = [r for r in rows if all(r[name] == key[name] for name in key)]
    return row


# V-13


def pyramid_shop(**settings):
    """The five customers of V-05."""
    orders = [
        *[("c1", AS_OF, 100)] * 5,
        *[("c2", ago(10), 60)] * 2,
        ("c3", ago(10), 120),
        ("c4", ago(40), 80),
        ("c5", ago(100), 0),
    ]
    users = [(f"c{n}", ago(200)) for n in range(1, 6)]
    return a_shop(users, orders, settings=settings)


def layers(shop):
    return [label("pyramid_layer", shop, c) for c in shop.customers]


def test_the_worked_example_of_the_pyramid():
    shop = pyramid_shop()
    assert layers(shop) == ["head", "waist", "waist", "base", "no_value"]
    rows = [r for r in labels.user_pyramid(shop) if r["snapshot_date"] == AS_OF]
    head = pick(rows, parent_layer="all", layer="head")
    assert head["net_amount"] == Decimal("500.00")
    assert head["net_amount_share"] == pytest.approx(0.6098, abs=5e-5)
    assert head["customer_share"] == 0.2
    none = pick(rows, parent_layer="all", layer="no_value")
    assert (none["customer_count"], none["net_amount"]) == (1, Decimal("0.00"))
    # Both of the waist are on its own upper cut.
    inside = pick(rows, parent_layer="waist", layer="head")
    assert (inside["customer_count"], inside["customer_share"]) == (2, 1.0)
    empty = pick(rows, parent_layer="waist", layer="base")
    assert (empty["customer_count"], empty["net_amount_share"]) == (0, 0.0)
    assert len(rows) == 4 + 3 * 3


def test_one_level_of_the_pyramid():
    rows = labels.user_pyramid(pyramid_shop(pyramid_depth=1))
    assert {row["parent_layer"] for row in rows} == {"all"}


def test_without_any_value_the_shares_are_unknown():
    shop = a_shop([("u", ago(9)), ("v", ago(9))], [("u", ago(5), 0)])
    assert layers(shop) == ["no_value", "no_value"]
    rows = labels.user_pyramid(shop)
    none = pick(rows, parent_layer="all", layer="no_value")
    assert (none["customer_share"], none["net_amount_share"]) == (1.0, None)
    empty = pick(rows, parent_layer="head", layer="head")
    assert (empty["customer_share"], empty["net_amount"]) == (None, Decimal("0.00"))


def layer_counts(values):
    cuts = Settings().pyramid_cuts
    found = labels.layer_of_values(dict(enumerate(map(Decimal, values))), cuts)
    names = list(found.values())
    return tuple(names.count(name) for name in ("head", "waist", "base"))


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ([7], (1, 0, 0)),
        ([7, 5], (1, 0, 1)),
        ([7, 7, 7], (3, 0, 0)),
        (range(1, 6), (1, 2, 2)),
        (range(1, 7), (2, 1, 3)),
        # 0.2 · 15 is 3, although not in binary fractions
        (range(1, 16), (3, 5, 7)),
        ([0, 0, -1], (0, 0, 0)),
        ([9, 5, 5, 5, 1], (1, 3, 1)),
    ],
)
def test_cuts_count_upwards_and_ties_go_up(values, counts):
    assert layer_counts(values) == counts


def test_the_value_is_the_net_known_at_the_snapshot():
    orders = [("u", ago(40), 100), ("v", ago(40), 90), ("w", ago(365), 500)]
    refunds = [{"order_id": "1", "refunded_at": str(ago(1)), "amount": "50"}]
    users = [(c, ago(500)) for c in "uvw"]
    shop = a_shop(users, orders, refunds=refunds)
    before = {c: label("pyramid_layer", shop, c, date(2025, 2, 28)) for c in "uvw"}
    # The large order is 334 days old in February and too old in March.
    assert before == {"u": "waist", "v": "base", "w": "head"}
    after = {c: label("pyramid_layer", shop, c) for c in "uvw"}
    assert after == {"u": "base", "v": "head", "w": "no_value"}


# V-14


def ladder_row(shop, rung, month=None):
    return pick(labels.loyalty_ladder(shop), cohort_month=month, order_number=rung)


def test_climbs_of_40_and_50_percent():
    orders = [(f"u{n:03}", ago(9)) for n in range(100)]
    orders += [(f"u{n:03}", ago(5)) for n in range(40)]
    orders += [(f"u{n:03}", ago(5 - n % 2)) for n in range(20)]
    shop = a_shop([(f"u{n:03}", ago(99)) for n in range(100)], orders)
    rows = [r for r in labels.loyalty_ladder(shop) if r["cohort_scope"] == "all"]
    assert [r["order_number"] for r in rows] == [1, 2, 3, 4, 5]
    assert [r["reached_count"] for r in rows] == [100, 40, 20, 0, 0]
    assert [r["climbed_count"] for r in rows] == [40, 20, 0, 0, 0]
    assert [r["climb_rate"] for r in rows] == [0.4, 0.5, 0.0, None, None]
    medians = [r["median_days_to_climb"] for r in rows]
    assert medians == [4.0, 0.5, None, None, None]
    assert all(r["is_mature"] for r in rows)


def test_customers_without_orders_leave_a_ladder_of_zeros():
    rows = labels.loyalty_ladder(a_shop([("u", ago(9))]))
    assert [(r["cohort_scope"], r["reached_count"]) for r in rows] == [("all", 0)] * 5


@pytest.mark.parametrize(
    ("first", "second", "reached", "climbed", "rate"),
    [
        (90, None, 1, 0, 0.0),
        (89, 80, 0, 0, None),  # too young, although he has climbed
        (90, 0, 1, 1, 1.0),
        (91, 0, 1, 0, 0.0),  # climbed on day 91
    ],
)
def test_a_month_counts_who_had_the_time(first, second, reached, climbed, rate):
    days = [first] if second is None else [first, second]
    shop = a_shop([("u", ago(99))], [("u", ago(n)) for n in days])
    row = ladder_row(shop, 1, ago(first).replace(day=1))
    assert row["cohort_scope"] == "month"
    assert (row["reached_count"], row["climbed_count"]) == (reached, climbed)
    assert row["climb_rate"] == rate
    assert row["is_mature"] is bool(reached)
    median = float(first - second) if climbed else None
    assert row["median_days_to_climb"] == median


def test_rungs_and_window_are_settings():
    settings = {"ladder_max_rung": 2, "ladder_window_days": 3}
    orders = [("u", ago(9)), ("u", ago(5)), ("u", ago(2))]
    shop = a_shop([("u", ago(9))], orders, settings=settings)
    assert len(labels.loyalty_ladder(shop)) == 4
    march = date(2025, 3, 1)
    assert ladder_row(shop, 1, march)["climbed_count"] == 0
    assert ladder_row(shop, 2, march)["climbed_count"] == 1


# V-15


def loyalty(days, settings=None, rows=(), **inputs):
    """Loyalty stage of who ordered so many days ago."""
    orders = [("u", ago(n)) for n in days] + list(rows)
    users = [("u", ago(900)), ("friend", ago(900))]
    return label("loyalty_stage", a_shop(users, orders, settings=settings, **inputs))


HABIT = (30, 20, 10)  # satisfied without a refund, and preferring without old orders


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        ((), "none"),
        ((20, 10), "none"),
        ((20, 20, 10), "none"),
        (HABIT, "preference"),
        ((364, 2, 1), "preference"),
        ((365, 2, 1), "none"),  # one of three is outside the window
        ((120, 20, 10, 0), "none"),  # gaps 100, 10, 10: sd 42.4, mean 40
        ((100, 20, 10, 0), "preference"),  # gaps 80, 10, 10: sd 33.0, mean 33.3
    ],
)
def test_habit(days, stage):
    assert loyalty(days) == stage


def test_the_limit_of_the_gaps_is_inside():
    limit = {"loyalty_max_gap_cv": Decimal("0")}
    assert loyalty((30, 20, 10), limit) == "preference"
    assert loyalty((30, 20, 11), limit) == "none"
    # gaps 30 and 10: sd 10, mean 20
    assert loyalty((40, 10, 0), {"loyalty_max_gap_cv": Decimal("0.5")}) == "preference"
    assert loyalty((40, 10, 0), {"loyalty_max_gap_cv": Decimal("0.49")}) == "none"


@pytest.mark.parametrize(
    ("order", "refunded", "stage"),
    [
        ("1", 5, "habit"),
        ("4", 364, "habit"),  # of an old order, but in the window
        ("4", 365, "preference"),
        ("5", 5, "preference"),  # a refund of an invalid order has no effect
    ],
)
def test_a_refund_of_late_is_not_satisfied(order, refunded, stage):
    refund = {"order_id": order, "refunded_at": str(ago(refunded)), "amount": "1"}
    cancelled = an_order("u", ago(20), status="cancelled")
    rows = [an_order("u", ago(400)), cancelled]
    assert loyalty(HABIT, rows=rows, refunds=[refund]) == stage.replace(
        "preference",
        "loyal",  # the old order makes a tenure of more than a year
    )


def review(rating, days=5, customer="u", name="review"):
    return {
        "user_id": customer,
        "event_name": name,
        "event_at": str(ago(days)),
        "rating": rating,
    }


def survey(kind, score, on=5, customer="u", **columns):
    return {
        "survey_type": kind,
        "user_id": customer,
        "responded_at": str(ago(on)) if isinstance(on, int) else on,
        "score": score,
        **columns,
    }


@pytest.mark.parametrize(
    ("events", "surveys", "stage"),
    [
        ([review("4")], [], "preference"),
        ([review("3"), review("5")], [], "preference"),
        ([review("3"), review("4")], [], "habit"),
        ([review("3", 365)], [], "preference"),
        ([review("3", 364)], [], "habit"),
        ([review("1", customer="friend")], [], "preference"),
        ([review("1", name="publish")], [], "preference"),
        ([review("3")], [survey("rating", "5")], "preference"),
        ([], [survey("rating", "3.9")], "habit"),
        ([], [survey("nps", "1")], "preference"),
    ],
)
def test_ratings_decide_satisfaction(events, surveys, stage):
    assert loyalty(HABIT, events=events, survey_responses=surveys) == stage


def test_a_good_rating_outweighs_a_refund():
    refund = {"order_id": "1", "refunded_at": str(ago(5)), "amount": "1"}
    assert loyalty(HABIT, refunds=[refund], events=[review("4")]) == "preference"


@pytest.mark.parametrize(
    ("surveys", "stage"),
    [
        ([survey("share_of_wallet", "0.5")], "preference"),
        ([survey("share_of_wallet", "0.49")], "satisfied"),
        ([survey("share_of_wallet", "0.9", 600)], "preference"),
        (
            [survey("share_of_wallet", "0.9", 7), survey("share_of_wallet", "0.1", 6)],
            "satisfied",
        ),
        (  # at the same time: the larger id
            [
                survey("share_of_wallet", "0.9", response_id="b"),
                survey("share_of_wallet", "0.1", response_id="a"),
            ],
            "preference",
        ),
    ],
)
def test_the_latest_share_of_wallet_decides_preference(surveys, stage):
    assert loyalty(HABIT, survey_responses=surveys) == stage


def test_without_a_share_the_orders_of_two_half_years_decide():
    assert loyalty((185, 180, 170, 160)) == "preference"
    assert loyalty((185, 180, 175, 170, 165)) == "preference"
    assert loyalty((190, 185, 180, 170, 160)) == "satisfied"
    assert loyalty((360, 190, 179, 178)) == "none"  # uneven
    half = {"loyalty_max_gap_cv": Decimal("2")}
    assert loyalty((360, 190, 179), half) == "preference"  # 360 is too long ago
    assert loyalty((359, 190, 179), half) == "satisfied"
    share = [survey("share_of_wallet", "0.5")]
    assert loyalty((190, 185, 180, 170), survey_responses=share) == "preference"


def referral(accepted, referrer="u", referee="friend"):
    return {
        "referrer_id": referrer,
        "referee_id": referee,
        "invited_at": str(ago(900)),
        "accepted_at": None if accepted is None else str(ago(accepted)),
    }


@pytest.mark.parametrize(
    ("accepted", "stage"),
    [(364, "loyal"), (365, "preference"), (0, "loyal"), (None, "preference")],
)
def test_a_referral_of_a_year_is_loyal(accepted, stage):
    assert loyalty(HABIT, referrals=[referral(accepted)]) == stage


def test_tenure_is_loyal_and_stages_need_the_one_before():
    assert loyalty((365, *HABIT)) == "loyal"
    assert loyalty((364, 250, 130, 10, 5, 1), {"loyalty_tenure_days": 364}) == "loyal"
    assert loyalty((30, 20), referrals=[referral(5)]) == "none"
    low = [survey("share_of_wallet", "0.1")]
    assert loyalty((365, *HABIT), survey_responses=low) == "satisfied"
    assert loyalty((365, *HABIT), events=[review("1")]) == "habit"


# E-08


@pytest.mark.parametrize(
    ("net", "tier"),
    [
        ("999.99", "none"),
        ("1000", "silver"),
        ("4999.99", "silver"),
        ("5000.00", "gold"),
        ("20000", "diamond"),
    ],
)
def test_membership_bounds_are_inside(net, tier):
    assert (
        label("membership_tier", a_shop([("u", ago(9))], [("u", ago(9), net)])) == tier
    )


def test_membership_looks_at_365_dates_and_at_refunds():
    orders = [("u", ago(365), 5000), ("u", ago(364), 1000)]
    shop = a_shop([("u", ago(400))], orders, settings={"rfm_window_days": 30})
    assert label("membership_tier", shop) == "silver"
    assert label("membership_tier", shop, on=date(2025, 2, 28)) == "gold"
    refund = {"order_id": "2", "refunded_at": str(AS_OF), "amount": "0.01"}
    shop = a_shop([("u", ago(400))], orders, refunds=[refund])
    assert label("membership_tier", shop) == "none"


#


def life(*orders, **arguments):
    return label("life_stage", a_shop([("u", ago(900))], orders, **arguments))


@pytest.mark.parametrize(
    ("orders", "stage"),
    [
        ((), "no_purchase"),
        ((("u", ago(90)),), "introduction"),
        ((("u", ago(90)), ("u", ago(5), 0)), "introduction"),
        ((("u", ago(91)),), "decline"),  # no order in the last 90 dates
        ((("u", ago(91), 100), ("u", ago(89), 80)), "decline"),
        ((("u", ago(91), 100), ("u", ago(89), "80.01")), "mature"),
        ((("u", ago(91), 100), ("u", ago(89), "119.99")), "mature"),
        ((("u", ago(91), 100), ("u", ago(89), 120)), "growth"),
        ((("u", ago(179), 50), ("u", ago(90), 50), ("u", AS_OF, 110)), "mature"),
        ((("u", ago(180), 100), ("u", ago(5), 10)), "growth"),  # nothing before
        ((("u", ago(91), 0), ("u", ago(5), 10)), "growth"),
        ((("u", ago(91), 100), ("u", ago(5), 0)), "decline"),
        ((("u", ago(200), 100), ("u", ago(5), 0)), "decline"),  # no profit
    ],
)
def test_life_stages(orders, stage):
    assert life(*orders) == stage


def test_profit_is_margin_as_known_at_the_snapshot():
    orders = [
        an_order("u", ago(100), 100, cost_amount="50"),
        an_order("u", ago(5), 100, cost_amount="60"),
    ]
    assert life(*orders) == "decline"  # 40 after 50
    assert life(orders[0] | {"cost_amount": "49"}, orders[1]) == "decline"
    assert life(orders[0] | {"cost_amount": "51"}, orders[1]) == "mature"
    assert life(orders[0] | {"cost_amount": "100"}, orders[1]) == "growth"
    assert life(orders[0], orders[1] | {"cost_amount": "100"}) == "decline"
    # A refund of half the first order leaves 25 of its 50.
    refund = {"order_id": "1", "refunded_at": str(ago(50)), "amount": "50"}
    assert life(*orders, refunds=[refund]) == "growth"


#


def event(name, days, customer="u"):
    return {"user_id": customer, "event_name": name, "event_at": str(ago(days))}


def strategy(registered=900, settings=None, orders=(), logins=(), events=()):
    logins = [{"user_id": "u", "login_at": str(ago(days))} for days in logins]
    shop = a_shop(
        [("u", ago(registered))],
        orders,
        settings=settings,
        logins=logins,
        events=events,
    )
    return label("strategy_layer", shop)


THREE = [event("view", 29), event("favourite", 5), event("cart", 0)]


@pytest.mark.parametrize(
    ("facts", "layer"),
    [
        ({}, "ordinary"),
        ({"registered": 30}, "new"),
        ({"registered": 31}, "ordinary"),
        ({"logins": (0, 1, 2, 29)}, "active"),
        ({"logins": (0, 1, 2, 30)}, "ordinary"),
        ({"logins": (0, 1, 2, 2)}, "ordinary"),
        ({"logins": (0, 1, 2, 3), "registered": 5}, "active"),
        ({"events": THREE, "logins": (0, 1, 2, 3)}, "interest"),
        ({"events": [event("view", 1)] * 3}, "interest"),
        ({"events": [event("view", 30), *THREE[1:]]}, "ordinary"),
        ({"events": [event("search", 1), *THREE[1:]]}, "ordinary"),
        ({"orders": [("u", ago(800))], "events": THREE}, "paying"),
        ({"orders": [an_order("u", ago(80), status="created")]}, "ordinary"),
    ],
)
def test_strategy_layers(facts, layer):
    assert strategy(**facts) == layer


def test_the_order_of_the_layers_is_a_setting():
    order = ("new", "interest", "active", "paying", "ordinary")
    facts = {"orders": [("u", AS_OF)], "events": THREE}
    assert strategy(20, {"strategy_layer_order": order}, **facts) == "new"
    assert strategy(31, {"strategy_layer_order": order}, **facts) == "interest"


#


def priority(idle, rfm_type=None, **settings):
    flags = {"is_warned": False, "is_promising": False}
    flags |= {name: settings.pop(name) for name in flags if name in settings}
    return labels.operating_priority(Settings(**settings), idle, rfm_type, **flags)


@pytest.mark.parametrize(
    ("idle", "code"),
    [(15, "existing"), (16, "pre_churn"), (30, "pre_churn"), (31, "churned")],
)
def test_priority_by_idle_days(idle, code):
    assert priority(idle) == code
    shop = a_shop([("u", ago(idle))])
    assert label("operating_priority", shop) == code


def test_priority_checks_the_worst_first():
    assert priority(0, "important_win_back") == "pre_churn"
    assert priority(0, "important_develop") == "high_potential"
    assert priority(0, "important_value") == "existing"
    assert priority(0, is_promising=True) == "high_potential"
    assert priority(0, is_promising=True, is_warned=True) == "pre_churn"
    assert priority(31, "important_develop", is_warned=True) == "churned"
    share = {"pre_churn_idle_share": Decimal("0.1"), "churn_after_days": 25}
    assert (priority(2, **share), priority(3, **share)) == ("existing", "pre_churn")


def buyers(orders, **settings):
    """Active customers with these orders."""
    names = {customer for customer, *_ in orders}
    logins = [{"user_id": name, "login_at": str(AS_OF)} for name in names]
    users = [(name, ago(300)) for name in names]
    return a_shop(users, orders, logins=logins, settings=settings)


def test_high_potential_is_new_and_spends_the_median():
    orders = [(f"u{n:02}", ago(60), 50) for n in range(20)]
    orders += [("low", ago(30), 49), ("high", ago(30), 50), ("late", ago(31), 900)]
    shop = buyers(orders)
    # No RFM type counts: nobody bought twice.
    assert label("operating_priority", shop, "high") == "high_potential"
    assert label("operating_priority", shop, "low") == "existing"
    assert label("operating_priority", shop, "late") == "existing"
    assert label("rfm_type", shop, "late") == "important_value"


@pytest.mark.parametrize(
    ("share", "code"), [("0", "high_potential"), ("0.01", "existing")]
)
def test_rfm_types_count_while_they_apply(share, code):
    # The scores of late: recent, seldom (the breakpoints are at least 2), much.
    orders = [(f"u{n}", ago(60), 50) for n in range(4) for _ in range(2)]
    least = Decimal("0.8") + Decimal(share)
    shop = buyers([*orders, ("late", ago(31), 900)], rfm_min_repeat_share=least)
    assert label("rfm_type", shop, "late") == "important_develop"
    assert label("operating_priority", shop, "late") == code


def test_decline_makes_a_priority_of_the_day():
    start = date(2025, 3, 10)
    counts = (20, 5, 1)
    logins = [
        {"user_id": "u", "login_at": f"{start + week * 7 * DAY} 10:{minute:02}"}
        for week, count in enumerate(counts)
        for minute in range(count)
    ]
    users = [("u", ago(400))]
    sunday = date(2025, 3, 30)
    before = a_shop(users, logins=logins, as_of=sunday - DAY)
    assert label("operating_priority", before) == "existing"
    assert label("operating_priority", a_shop(users, logins=logins, as_of=sunday)) == (
        "pre_churn"
    )


def test_the_risk_list_counts_at_the_as_of_date_only():
    thin = {
        "user_id": "u",
        "registered_at": "2025-02-27",
        "profile_completion_pct": "10",
        "friend_count": "0",
        "contacts_imported": "false",
    }
    gone = thin | {"user_id": "v", "registered_at": "2025-01-20"}
    logins = [{"user_id": "u", "login_at": "2025-03-29"}]
    # The end of February is too late to tell who left after it.
    shop = a_shop([thin, gone], logins=logins, as_of=date(2025, 3, 29))
    # January saw v, who left: the rule is listed, and u matches it, now and before.
    assert label("operating_priority", shop) == "pre_churn"
    assert label("operating_priority", shop, on=date(2025, 2, 28)) == "existing"


# Labels over time


def test_labels_wait_for_the_first_month_end_and_enter_the_spans():
    users = [("u", date(2025, 1, 10))]
    shop = a_shop(users, [("u", date(2025, 1, 20), 1200)], as_of=date(2025, 3, 15))
    tables = core.tables(shop)
    january, february = date(2025, 1, 31), date(2025, 2, 28)
    entry = date(2025, 1, 10)
    found = {
        name: [
            (row["segment"], row["valid_from"], row["valid_to"])
            for row in tables["fct_customer_segment_spans"]
            if row["segmentation"] == name
        ]
        for name in labels.CODES
    }
    assert found["pyramid_layer"] == [
        ("no_value", entry, january),
        ("head", january, None),
    ]
    assert found["membership_tier"] == [
        ("none", entry, january),
        ("silver", january, None),
    ]
    assert found["loyalty_stage"] == [("none", entry, None)]
    assert found["life_stage"] == [
        ("no_purchase", entry, january),
        ("introduction", january, None),
    ]
    assert found["strategy_layer"] == [
        ("new", entry, january),
        ("paying", january, None),
    ]
    assert found["rule_tier"][0] == ("never_purchased", entry, january)
    # Idle 39 days at the end of February; the as-of date has a label of its own.
    assert found["operating_priority"] == [
        ("existing", entry, january),
        ("high_potential", january, february),
        ("churned", february, None),
    ]
    (customer,) = tables["dim_customers"]
    assert {name: customer[name] for name in labels.CODES} == labels.labels(shop)[
        "u", date(2025, 3, 15)
    ]
    assert customer["rule_tier"] == "sleeping"


def test_who_does_not_exist_yet_flows_from_none():
    shop = a_shop([("u", date(2025, 1, 10)), ("v", date(2025, 2, 10))], as_of=AS_OF)
    tables = core.tables(shop)
    key = {"date_to": date(2025, 2, 28)}
    flows = [
        (row["from_segment"], row["to_segment"], row["customer_count"])
        for row in tables["rpt_segment_flows"]
        if row["segmentation"] == "rule_tier" and row["date_to"] == key["date_to"]
    ]
    assert flows == [
        ("never_purchased", "never_purchased", 1),
        ("none", "never_purchased", 1),
    ]
    summary = tables["rpt_segment_flow_summary"]
    none = pick(summary, segmentation="rule_tier", segment="none", **key)
    # To leave `none` is to move up, to a code of rank 0 too.
    assert (none["start_count"], none["moved_up_count"]) == (1, 1)
    never = pick(summary, segmentation="rule_tier", segment="never_purchased", **key)
    assert (never["stay_count"], never["gained_count"], never["end_count"]) == (1, 1, 2)
    counts = tables["rpt_segment_counts_daily"]
    listed = {r["segment"] for r in counts if r["segmentation"] == "rule_tier"}
    assert listed == set(labels.CODES["rule_tier"])


def random_inputs(seed):
    """Facts of six customers in the year before the as-of date."""
    dice = random.Random(seed)
    names = [f"u{n}" for n in range(6)]

    def some(count, build):
        return [build(dice.choice(names), dice.randrange(400)) for _ in range(count)]

    orders = some(
        60, lambda who, days: an_order(who, ago(days), dice.choice((0, 20, 600)))
    )
    refunds = [
        {
            "order_id": str(n),
            "refunded_at": str(min(ago(0), date.fromisoformat(o["ordered_at"]) + lag)),
            "amount": "10",
        }
        for n, o in enumerate(orders, 1)
        if o["gross_amount"] != "0" and (lag := dice.choice((0, 40, 90)) * DAY)
    ]
    kinds = ("share_of_wallet", "rating")
    return {
        "users": [(name, ago(dice.randrange(100, 400))) for name in names],
        "orders": orders,
        "refunds": refunds,
        "logins": some(
            90, lambda who, days: {"user_id": who, "login_at": str(ago(days))}
        ),
        "events": some(40, lambda who, days: event("view", days, who))
        + some(10, lambda who, days: review(dice.choice("345"), days, who)),
        "survey_responses": some(
            10, lambda who, days: survey(dice.choice(kinds), "1", days, who)
        ),
    }


@pytest.mark.parametrize("seed", range(4))
def test_a_snapshot_does_not_look_ahead(seed):
    inputs = random_inputs(seed)
    settings = {"risk_rules": ()}  # the risk list is of the as-of date
    now = labels.labels(a_shop(**inputs, settings=settings))
    then = date(2024, 12, 31)
    before = labels.labels(a_shop(**inputs, as_of=then, settings=settings))
    assert before == {key: row for key, row in now.items() if key[1] <= then}
    assert len(before) > 20
    for name, codes in labels.CODES.items():
        assert {row[name] for row in now.values()} <= set(codes)


@pytest.mark.parametrize(
    ("name", "lowest", "highest"),
    [
        ("rfm_type", ("unscored", 0), ("important_value", 8)),
        ("rule_tier", ("never_purchased", 0), ("high_value_repeat", 4)),
        ("pyramid_layer", ("no_value", 0), ("head", 3)),
        ("loyalty_stage", ("none", 0), ("loyal", 4)),
        ("membership_tier", ("none", 0), ("diamond", 3)),
        ("life_stage", ("no_purchase", 0), ("decline", 4)),
        ("strategy_layer", ("new", 1), ("paying", 5)),
        ("operating_priority", ("existing", 1), ("churned", 4)),
    ],
)
def test_ranks(name, lowest, highest):
    ranks = list(labels.ranks(name).items())
    assert (ranks[0], ranks[-1]) == (lowest, highest)


def test_nobody_has_no_rows():
    shop = load_shop({"users": [], "orders": [], "logins": []}, Settings())
    assert labels.labels(shop) == {}
    assert set(map(len, labels.tables(shop).values())) == {0}
