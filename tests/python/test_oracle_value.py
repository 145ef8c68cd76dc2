"""Worked examples and boundaries of value and RFM, on shops made by hand."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import pytest
from oracle import rfm, value
from oracle.shop import Settings, load_shop

D = date(2024, 6, 30)


def order(
    customer, day, gross, discount=0, hour=12, status="paid", cost="", refunds=()
):
    """A raw order; refunds are (date, amount)."""
    return {
        "user_id": customer,
        "ordered_at": datetime.combine(day, time(hour), UTC),
        "status": status,
        "gross_amount": gross,
        "discount_amount": discount,
        "cost_amount": cost,
        "refunds": refunds,
    }


def make_shop(
    orders=(), users=None, as_of=D, start=date(2024, 1, 1), items=(), **variables
):
    """A loaded shop whose history begins at start.

    orders: numbered from 0 in the order given. users: customer -> registration date
    or instant; buyers not listed register on their first order date. What follows an
    @ in an id is the channel; `guest` stays a guest. items: (order number, category,
    quantity, unit price, unit cost).
    """
    registered = dict(users or {})
    for row in orders:
        registered.setdefault(row["user_id"], row["ordered_at"].date())
    registered.pop("guest", None)
    tables = {
        "users": [
            {"user_id": name, "registered_at": at, "channel": name.partition("@")[2]}
            for name, at in registered.items()
        ],
        "orders": [_raw_order(number, row) for number, row in enumerate(orders)],
        "logins": [],
        "refunds": [
            {"refund_id": f"{n}-{i}", "order_id": n, "refunded_at": f"{day} 23:00"}
            | {"amount": amount}
            for n, row in enumerate(orders)
            for i, (day, amount) in enumerate(row["refunds"])
        ],
        "order_items": [
            {"order_id": number, "line_number": line, "item_id": "i", "unit_cost": cost}
            | {"category": category, "quantity": quantity, "unit_price": price}
            for line, (number, category, quantity, price, cost) in enumerate(items)
        ],
        # Nobody's event: it begins the history without making a customer.
        "events": [
            {"event_id": "e", "anonymous_id": "x", "event_name": "view"}
            | {"event_at": start}
        ],
    }
    texts = {
        name: [{key: str(cell) for key, cell in row.items()} for row in rows]
        for name, rows in tables.items()
    }
    return load_shop(texts, Settings(as_of_date=as_of, **variables))


def _raw_order(number, row):
    raw = {key: cell for key, cell in row.items() if key != "refunds"}
    if raw["user_id"] == "guest":
        raw |= {"user_id": "", "guest_email": "guest@example.com"}
    return raw | {"order_id": f"{number}"}


def before(days):
    return D - timedelta(days=days)


def final_scores(shop):
    """Customer -> the row of the as-of snapshot."""
    return {
        row["customer_id"]: row
        for row in rfm.scores(shop)
        if row["snapshot_date"] == shop.as_of_date
    }


def final_thresholds(shop):
    return {
        row["dimension"]: row
        for row in rfm.thresholds(shop)
        if row["snapshot_date"] == shop.as_of_date
    }


def period(shop, grain, start=None, channel="all"):
    """The rpt_commerce_periods row; without a start the only one of its grain."""
    wanted = {"period_grain": grain, "channel": channel}
    if start:
        wanted["period_start_date"] = start
    return find(value.commerce_periods(shop), **wanted)


def find(rows, **wanted):
    """The one row with these values."""
    matches = [r for r in rows if all(r[key] == v for key, v in wanted.items())]
    assert len(matches) == 1, (wanted, len(matches))
    return matches[0]


# V-01 to V-03


@pytest.fixture
def refunded_next_month():
    may = order("a", date(2024, 5, 10), 100, 20, refunds=[(date(2024, 6, 2), 30)])
    gone = order("a", date(2024, 6, 3), 70, status="cancelled")
    return make_shop([may, gone], start=date(2024, 5, 1))


def test_refund_restates_order_dated_money_and_not_cash(refunded_next_month):
    may = period(refunded_next_month, "month", date(2024, 5, 1))
    june = period(refunded_next_month, "month", date(2024, 6, 1))
    assert (may["net_amount"], may["cash_net_amount"]) == (50, 80)
    assert (june["net_amount"], june["cash_net_amount"]) == (0, -30)
    assert may["refund_rate"] == 30 / 80
    assert may["discount_rate"] == 0.2
    assert (june["order_count"], june["cancelled_order_count"]) == (0, 1)
    assert june["average_order_amount"] is None
    assert june["refund_rate"] is None


def test_order_dated_and_cash_money_agree_over_all_history(refunded_next_month):
    rows = value.commerce_periods(refunded_next_month)
    for grain in value.GRAINS:
        for channel in ("all", "unknown"):
            cells = [
                r for r in rows if (r["period_grain"], r["channel"]) == (grain, channel)
            ]
            assert sum(r["net_amount"] for r in cells) == 50
            assert sum(r["cash_net_amount"] for r in cells) == 50


def test_every_period_and_channel_has_a_row_and_only_ended_ones_are_complete():
    shop = make_shop(
        [order("a@x", date(2024, 2, 28), 10), order("b@y", date(2024, 3, 1), 10)],
        as_of=date(2024, 4, 1),
        start=date(2024, 2, 28),
    )
    rows = value.commerce_periods(shop)
    starts = {
        grain: [
            r["period_start_date"]
            for r in rows
            if r["period_grain"] == grain and r["channel"] == "x"
        ]
        for grain in value.GRAINS
    }
    assert len(starts["day"]) == 34
    assert starts["week"][0] == date(2024, 2, 26)
    assert starts["week"][-1] == date(2024, 4, 1)
    assert starts["month"] == [date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)]
    assert starts["quarter"] == [date(2024, 1, 1), date(2024, 4, 1)]
    monthly = [r for r in rows if r["period_grain"] == "month" and r["channel"] == "y"]
    assert [r["order_count"] for r in monthly] == [0, 1, 0]
    assert [r["is_complete"] for r in monthly] == [True, True, False]


def test_averages_per_order_per_buyer_per_active_customer():
    orders = [order(f"p{i}", D, 50) for i in range(20)]
    shop = make_shop(orders, users={f"q{i}": D for i in range(60)}, start=D)
    shop.activity_days |= {f"q{i}": [D] for i in range(60)}
    row = period(shop, "day")
    assert (row["arpu_amount"], row["arppu_amount"], row["paying_rate"]) == (
        12.5,
        50,
        0.25,
    )
    three = [order("a", D, 100), order("a", D, 200, hour=13), order("b", D, 300)]
    row = period(make_shop(three, start=D), "day")
    assert (row["average_order_amount"], row["spend_per_buyer_amount"]) == (200, 300)


def test_buyers_are_active_even_when_orders_are_no_activity():
    shop = make_shop([order("a", D, 10)], start=D)
    shop.activity_days = {}
    row = period(shop, "day")
    assert (row["active_customer_count"], row["paying_rate"]) == (1, 1.0)


def test_repurchase_rate_counts_two_orders_of_one_day_and_forgets_old_ones():
    orders = [order("a", before(9), 1), order("a", before(9), 1, hour=13)]
    orders += [order("b", before(10), 1), order("b", D, 1), order("c", before(9), 1)]
    shop = make_shop(orders, start=before(10), repurchase_window_days=10)
    assert period(shop, "day", D)["repurchase_rate"] == 1 / 3
    month = period(shop, "month")
    assert month["repurchase_rate"] == 1 / 3
    assert month["repeat_order_share"] == 2 / 5
    shop.settings = Settings(repurchase_window_days=11)
    assert period(shop, "day", D)["repurchase_rate"] == 2 / 3


def test_units_and_category_sales_count_items_of_valid_orders_only():
    orders = [order("a", D, 100, 50), order("b", D, 10, status="cancelled")]
    items = [(0, "tea", 2, 10, ""), (0, "", 1, "5.50", ""), (1, "tea", 9, 1, 1)]
    shop = make_shop(orders, items=items, start=date(2024, 5, 31))
    assert period(shop, "day", D)["unit_count"] == 3
    sales = value.category_sales(shop)
    june = date(2024, 6, 1)
    tea = find(sales, month_start_date=june, category="tea")
    assert (tea["order_count"], tea["buyer_count"], tea["unit_count"]) == (1, 1, 2)
    assert tea["line_amount"] == 20
    other = find(sales, month_start_date=june, category="unknown")
    assert other["line_amount"] == 5.5
    may = find(sales, month_start_date=date(2024, 5, 1), category="tea")
    assert (may["order_count"], may["line_amount"]) == (0, 0)


@pytest.mark.parametrize(
    ("changes", "variables", "margin"),
    [
        ({}, {}, 30),
        ({}, {"refund_reverses_cost": False}, 20),
        ({"cost": ""}, {"gross_margin_rate": 0.4}, 24),
        ({"cost": ""}, {}, 60),
        ({"gross": 0, "discount": 0, "refunds": (), "cost": 12}, {}, -12),
    ],
)
def test_order_margin(changes, variables, margin):
    terms = {"gross": 100, "discount": 20, "cost": 40, "refunds": [(D, 20)]} | changes
    shop = make_shop([order("a", before(3), **terms)], **variables)
    assert value.order_margin(shop, shop.orders[0]) == margin


def test_order_margin_knows_refunds_of_its_date_only():
    shop = make_shop([order("a", before(3), 100, 20, cost=40, refunds=[(D, 20)])])
    assert value.order_margin(shop, shop.orders[0], before(1)) == 40


def test_items_set_the_cost_only_when_all_have_one():
    items = [(0, "c", 2, 1, 10), (0, "c", 1, 1, 5)]
    items += [(1, "c", 2, 1, 10), (1, "c", 1, 1, "")]
    shop = make_shop([order("a", D, 100, cost=1)] * 2, items=items)
    assert [value.order_margin(shop, row) for row in shop.orders] == [75, 99]


def test_first_order_conversion_window_and_maturity():
    june = datetime(2024, 6, 1, 10, tzinfo=UTC)
    users = dict.fromkeys(("in", "out", "early", "never"), june)
    orders = [
        order("in", date(2024, 7, 1), 1, hour=10),
        order("out", date(2024, 7, 2), 1),
        order("early", date(2024, 6, 1), 1, hour=9),
        order("guest", date(2024, 6, 5), 1),
    ]
    mature = make_shop(orders, users, as_of=date(2024, 7, 30), start=date(2024, 6, 1))
    rows = value.first_order_conversion(mature)
    row = find(rows, cohort_month=date(2024, 6, 1), channel="all")
    assert (row["registered_count"], row["converted_count"]) == (4, 1)
    assert row["first_order_conversion_rate"] == 0.25
    assert row["activation_days_median"] == row["activation_days_p90"] == 30.0
    assert row["activation_days_km_median"] == 31
    assert row["is_mature"]
    empty = find(rows, cohort_month=date(2024, 7, 1), channel="unknown")
    assert (empty["registered_count"], empty["first_order_conversion_rate"]) == (
        0,
        None,
    )
    young = make_shop(orders, users, as_of=date(2024, 7, 29), start=date(2024, 6, 1))
    row = find(
        value.first_order_conversion(young),
        cohort_month=date(2024, 6, 1),
        channel="all",
    )
    assert (row["converted_count"], row["is_mature"]) == (1, False)
    assert row["first_order_conversion_rate"] is row["activation_days_median"] is None
    assert row["activation_days_km_median"] == 31


def test_activation_days_are_elapsed_time():
    users = {f"u{i}": datetime(2024, 1, 1, tzinfo=UTC) for i in range(2)}
    orders = [
        order("u0", date(2024, 1, 1), 1, hour=6),
        order("u1", date(2024, 1, 2), 1),
    ]
    rows = value.first_order_conversion(make_shop(orders, users))
    row = find(rows, cohort_month=date(2024, 1, 1), channel="all")
    assert row["activation_days_median"] == 0.875
    assert row["activation_days_p75"] == 1.1875


@pytest.mark.parametrize(
    ("durations", "median"),
    [
        ([(1, True), (2, True), (2, True), (5, False)], 2),
        ([(1, True), (9, False), (9, False)], None),
        ([(0, True), (0, False)], 0),
        ([(1, True), (1, False), (3, True), (3, True)], 3),
        ([], None),
    ],
)
def test_kaplan_meier_median(durations, median):
    assert value.kaplan_meier_median(durations) == median


def test_repurchase_cohort_horizon_and_maturity():
    first = date(2024, 1, 31)
    orders = [order(name, first, 1) for name in "abc"]
    orders += [order("a", first + timedelta(days=30), 1), order("b", first, 1, hour=13)]
    orders += [order("c", first + timedelta(days=31), 1)]
    shop = make_shop(orders, as_of=date(2024, 3, 30))
    rows = value.repurchase_cohorts(shop)
    row = find(rows, cohort_month=date(2024, 1, 1), horizon_days=30)
    assert (row["cohort_customer_count"], row["repurchased_count"]) == (3, 2)
    assert row["repurchase_rate"] == 2 / 3
    row = find(rows, cohort_month=date(2024, 1, 1), horizon_days=60)
    assert (row["repurchased_count"], row["repurchase_rate"]) == (3, None)
    row = find(rows, cohort_month=date(2024, 2, 1), horizon_days=30)
    assert (row["cohort_customer_count"], row["is_mature"]) == (0, True)
    assert row["repurchase_rate"] is None


# V-04 to V-11


@pytest.fixture
def five_customers():
    """The five scored customers of the worked example, and one without orders."""
    terms = {"c1": (0, 5, 500), "c2": (10, 2, 120), "c3": (10, 1, 120)}
    terms |= {"c4": (40, 1, 80), "c5": (100, 1, 0)}
    orders = [
        order(customer, before(recency), money // count)
        for customer, (recency, count, money) in terms.items()
        for _ in range(count)
    ]
    return make_shop(orders, users={"c6": before(5)})


def test_rfm_scores_cells_and_types(five_customers):
    rows = final_scores(five_customers)
    expected = {
        "c1": ("555", "111", "important_value"),
        "c2": ("343", "111", "important_value"),
        "c3": ("313", "101", "important_develop"),
        "c4": ("212", "000", "general_win_back"),
        "c5": ("111", "000", "general_win_back"),
        "c6": (None, None, "unscored"),
    }
    assert {
        name: (row["rfm_cell"], row["rfm_type_code"], row["rfm_type"])
        for name, row in rows.items()
    } == expected
    assert rows["c6"]["rule_tier"] == "never_purchased"
    assert (rows["c6"]["frequency_count"], rows["c6"]["monetary_amount"]) == (0, 0)
    for column in ("recency_days", "rfm_score", "rfm_rank", "is_monetary_high"):
        assert rows["c6"][column] is None


def test_rfm_breakpoints_means_and_applicability(five_customers):
    rows = final_thresholds(five_customers)
    names = ("breakpoint_20", "breakpoint_40", "breakpoint_60", "breakpoint_80")
    assert {d: tuple(row[name] for name in names) for d, row in rows.items()} == {
        "recency": (8, 10, 22, 52),
        "frequency": (1, 1, 1.4, 2.6),
        "monetary": (64, 104, 120, 196),
    }
    assert [row["mean_score"] for row in rows.values()] == [2.8, 2.4, 2.8]
    assert [row["median_value"] for row in rows.values()] == [10, 1, 120]
    assert [row["distinct_score_count"] for row in rows.values()] == [4, 3, 4]
    for row in rows.values():
        assert (row["scored_customer_count"], row["repeat_share"]) == (5, 0.4)
        assert row["is_rfm_applicable"] is True


def test_rfm_segments_cover_all_types_and_sum_to_one(five_customers):
    rows = [r for r in value.rfm_segments(five_customers) if r["snapshot_date"] == D]
    assert len(rows) == 9
    assert sum(r["customer_share"] for r in rows) == pytest.approx(1, abs=1e-9)
    assert sum(r["net_amount_share"] for r in rows) == pytest.approx(1, abs=1e-9)
    best = find(rows, rfm_type="important_value")
    assert (best["customer_count"], best["net_amount"]) == (2, 620)
    assert best["average_order_amount"] == 620 / 7
    empty = find(rows, rfm_type="general_keep")
    assert (empty["customer_count"], empty["net_amount"]) == (0, 0)
    assert empty["average_order_amount"] is None
    assert find(rows, rfm_type="unscored")["customer_share"] == 1 / 6


def test_median_split_compares_raw_values(five_customers):
    five_customers.settings = Settings(rfm_split="median_value")
    codes = [row["rfm_type_code"] for row in final_scores(five_customers).values()]
    assert codes == ["111", "111", "111", "010", "010", None]


@pytest.mark.parametrize("count", [1, 4])
def test_equal_customers_have_equal_scores_and_all_bits_set(count):
    rows = final_scores(make_shop([order(f"c{i}", D, 10) for i in range(count)]))
    assert {(r["rfm_cell"], r["rfm_type_code"]) for r in rows.values()} == {
        ("111", "111")
    }
    assert {(r["rfm_grade"], r["rfm_rank"]) for r in rows.values()} == {(1, 1)}


def test_a_date_without_scored_customers_has_empty_thresholds():
    shop = make_shop(users={"a": before(40)})
    for row in rfm.thresholds(shop):
        assert (row["scored_customer_count"], row["distinct_score_count"]) == (0, 0)
        for column in ("breakpoint_20", "mean_score", "median_value"):
            assert row[column] is None
        assert row["repeat_share"] is row["is_rfm_applicable"] is None
    early = [r for r in value.rfm_segments(shop) if r["snapshot_date"] < before(40)]
    assert {row["customer_share"] for row in early} == {None}


@pytest.mark.parametrize(("once", "applicable"), [(19, True), (20, False)])
def test_rfm_is_applicable_from_a_repeat_share_of_one_in_twenty(once, applicable):
    orders = [order("twice", D, 1), order("twice", D, 1)]
    shop = make_shop(orders + [order(f"c{i}", D, 1) for i in range(once)])
    assert final_thresholds(shop)["monetary"]["is_rfm_applicable"] is applicable


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((1, 3, 3), "2.6"),
        ((2, 3, 3), "2.8"),
        ((1, 1, 3), "1.4"),
        ((1, 2, 2), "1.8"),
        ((3, 3, 2), "2.8"),
    ],
)
def test_weighted_score(scores, expected):
    assert rfm.weighted_score(scores, (0.2, 0.6, 0.2)) == Fraction(expected)


def test_weighted_score_is_rounded_and_divided_by_the_weights():
    assert rfm.weighted_score((5, 5, 4), (1, 1, 1)) == Fraction("4.666667")


def test_grade_and_rank(five_customers):
    rows = final_scores(five_customers)
    scored = [rows[f"c{i}"] for i in range(1, 6)]
    assert [r["rfm_score"] for r in scored] == [5, 3.333333, 2.333333, 1.666667, 1]
    assert [r["rfm_rank"] for r in scored] == [1, 2, 3, 4, 5]
    assert [r["rfm_grade"] for r in scored] == [5, 4, 3, 2, 1]


def test_rfm_window_keeps_the_scored_customer_whose_orders_are_old():
    shop = make_shop(
        [order("a", before(365), 10), order("b", before(364), 10)], start=before(364)
    )
    rows = final_scores(shop)
    assert (rows["a"]["frequency_count"], rows["a"]["monetary_amount"]) == (0, 0)
    assert (rows["a"]["recency_days"], rows["a"]["is_scored"]) == (365, True)
    assert rows["a"]["average_order_amount"] is None
    assert rows["b"]["frequency_count"] == 1
    assert rows["b"]["has_full_window"] is True
    shop.history_start_date = before(363)
    assert final_scores(shop)["b"]["has_full_window"] is False
    shop.settings = Settings(rfm_window_days=None)
    rows = final_scores(shop)
    assert (rows["a"]["frequency_count"], rows["a"]["has_full_window"]) == (1, True)


def test_a_snapshot_knows_no_later_order_refund_or_customer():
    may = date(2024, 5, 31)
    orders = [order("a", may, 100, refunds=[(date(2024, 6, 1), 60)])]
    orders += [order("a", D, 7), order("late", D, 7)]
    rows = [r for r in rfm.scores(make_shop(orders)) if r["snapshot_date"] == may]
    assert [r["customer_id"] for r in rows] == ["a"]
    assert (rows[0]["frequency_count"], rows[0]["monetary_amount"]) == (1, 100)


def tier(orders, others=(), **variables):
    rows = final_scores(make_shop([*orders, *others], **variables))
    return rows[orders[0]["user_id"]]["rule_tier"]


def test_sleeping_from_30_days():
    assert tier([order("a", before(29), 10)]) == "regular"
    assert tier([order("a", before(30), 10)]) == "sleeping"


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ((200, 200, 200), "high_value_repeat"),
        ((200, 200, "199.99"), "regular"),
        (("199.99",) * 3, "regular"),
        ((500, 500), "regular"),
    ],
)
def test_high_value_repeat_needs_three_orders_of_200(amounts, expected):
    assert tier([order("a", before(29), amount) for amount in amounts]) == expected


def test_high_value_window_starts_29_days_ago():
    orders = [order("a", before(30), 900)] + [order("a", D, 900) for _ in range(2)]
    assert tier(orders) == "regular"


def test_potential_new_until_day_7_within_the_middle_of_average_orders():
    assert tier([order("a", before(7), 10)]) == "potential_new"
    assert tier([order("a", before(8), 10)]) == "regular"
    others = [order(f"c{i}", before(20), i) for i in range(100)]
    # Of 101 averages the 34th and the 68th are the ends: 32 and 67 on this scale.
    assert tier([order("a", D, "31.99")], others) == "regular"
    assert tier([order("a", D, 32)], others) == "potential_new"
    assert tier([order("a", D, 67)], others) == "potential_new"
    assert tier([order("a", D, "67.01")], others) == "regular"


def test_middle_of_average_orders_includes_a_repeating_decimal_at_both_ends():
    thirds = [order("a", D, amount) for amount in (10, 10, "0.01")]
    assert tier(thirds, high_value_min_orders=9) == "potential_new"


@pytest.mark.parametrize(
    ("amount", "days", "expected"),
    [(5000, 364, True), ("4999.99", 364, False), (5000, 365, False)],
)
def test_annual_high_value_is_fixed_to_365_days(amount, days, expected):
    shop = make_shop([order("a", before(days), amount)], rfm_window_days=10)
    assert final_scores(shop)["a"]["is_high_annual_value"] is expected


def test_customer_months_carry_the_monthly_high_value_repeat():
    june = [order("a", date(2024, 6, day), 200) for day in (1, 15, 30)]
    july = [order("a", date(2024, 7, 1), 200)]
    rows = value.customer_months(make_shop(june + july, as_of=date(2024, 7, 1)))
    assert [r["month_start_date"].month for r in rows] == [6, 7]
    assert [r["is_high_value_repeat"] for r in rows] == [True, False]
    assert [r["is_complete"] for r in rows] == [True, False]
    assert [r["net_amount"] for r in rows] == [600, 200]


# V-16 to V-21


def test_customer_lifetime_and_required_retention():
    assert value.expected_lifetime(0.7) == pytest.approx(3.3333333333)
    assert value.expected_lifetime(1.0) is None
    assert value.expected_lifetime(0.0) == 1
    assert value.expected_lifetime(None) is None
    assert value.required_retention(4) == 0.75
    assert value.required_retention(5) == pytest.approx(0.8)


def test_simple_clv():
    discount = value.monthly_discount(0.10)
    assert discount == pytest.approx(0.00797414, abs=1e-8)
    end, start = value.simple_clv(100, 0.7, discount)
    assert round(end, 2) == 227.29
    assert round(start, 2) == 327.29
    assert value.simple_clv(100, 1.0, 0.0) == (None, None)
    assert value.simple_clv(None, 0.5, 0.1) == (None, None)


def test_parametric_clv_approaches_the_simple_one():
    discount = value.monthly_discount(0.10)
    future = value.parametric_clv(50, 100, 0.7, discount, months=500) - 50
    assert future == pytest.approx(value.simple_clv(100, 0.7, discount)[0])
    assert value.parametric_clv(50, 100, 0.5, 0, 1, 10, 2) == 50 + 2 * (100 - 10)


def test_month_retention_looks_at_mature_registration_cohorts_only():
    users = {
        "kept": date(2024, 1, 31),
        "lost": date(2024, 1, 1),
        "new": date(2024, 6, 1),
    }
    shop = make_shop([order("guest", date(2024, 1, 2), 1)], users)
    shop.activity_days = {"kept": [date(2024, 2, 28)], "lost": [date(2024, 3, 1)]}
    assert value.registration_month_retention(shop) == 0.5


def test_retention_values_per_channel():
    months = [date(2024, month, 10) for month in range(1, 7)]
    orders = [order("a@x", day, 40, cost=10) for day in months]
    orders += [order("b@y", months[0], 20, cost=10)]
    shop = make_shop(orders, users={"c@z": months[0]}, as_of=date(2024, 7, 5))
    rows = value.retention_values(shop)
    assert [r["channel"] for r in rows] == ["all", "x", "y", "z"]
    total, x, y, z = rows
    # January has buyers a and b; the five steps after it keep a only.
    assert total["buyer_retention_rate"] == 5 / 6
    assert total["monthly_margin_amount"] == 190 / 7
    assert total["historic_clv_amount"] == 95
    assert total["monthly_retention_rate"] == 1 / 3
    assert total["expected_lifetime_months"] == pytest.approx(1.5)
    assert (x["buyer_retention_rate"], x["monthly_margin_amount"]) == (1.0, 30)
    assert x["monthly_retention_rate"] is x["expected_lifetime_months"] is None
    assert (y["buyer_retention_rate"], y["simple_clv_end_amount"]) == (0, 0)
    assert y["simple_clv_start_amount"] == 10
    assert y["parametric_clv_amount"] == 10
    assert z["buyer_retention_rate"] is z["parametric_clv_amount"] is None
    assert (z["required_retention_rate_1"], z["historic_clv_amount"]) == (0.75, None)


def test_buyer_retention_uses_the_last_twelve_complete_months():
    days = [date(2023, 1, 5), date(2023, 6, 5), date(2023, 7, 5), date(2024, 6, 5)]
    orders = [order("a", day, 10) for day in days]
    orders += [order("b", date(2023, 6, 5), 10), order("b", date(2024, 7, 1), 99)]
    shop = make_shop(orders, as_of=date(2024, 7, 1), start=date(2023, 1, 1))
    row = value.retention_values(shop)[0]
    # The months are July 2023 to June 2024; June 2023 is only a month before.
    assert row["buyer_retention_rate"] == 1 / 3
    assert row["monthly_margin_amount"] == 10


def test_cohort_ltv_accumulates_and_hides_the_running_month():
    orders = [order("a", date(2024, 1, 31), 10), order("b", date(2024, 1, 1), 20)]
    orders += [order("a", date(2024, 3, 1), 5)]
    rows = value.cohort_ltv(make_shop(orders, as_of=date(2024, 3, 30)))
    january = [
        r for r in rows if (r["cohort_month"].month, r["channel"]) == (1, "unknown")
    ]
    assert [r["month_offset"] for r in january] == [0, 1, 2]
    assert [r["cumulative_margin_amount"] for r in january] == [30, 30, 35]
    assert [r["ltv_amount"] for r in january] == [15, 15, None]
    empty = find(rows, cohort_month=date(2024, 2, 1), channel="all", month_offset=0)
    assert (empty["cohort_customer_count"], empty["ltv_amount"]) == (0, None)
    assert empty["is_mature"] is True


def test_lifetime_values_merge_the_orders_of_one_day():
    orders = [order("a", before(21), 10), order("a", before(21), 20, hour=13)]
    orders += [order("a", before(7), 30, cost=10), order("b", D, 1)]
    rows = value.lifetime_values(make_shop(orders, users={"c": D}))
    a, b, c = rows
    assert (a["valid_order_count"], a["repeat_order_count"]) == (3, 1)
    assert (a["recency_weeks"], a["age_weeks"]) == (2, 3)
    assert (a["historic_net_amount"], a["historic_margin_amount"]) == (60, 50)
    assert (a["average_order_amount"], a["active_month_count"]) == (20, 1)
    assert (b["repeat_order_count"], b["recency_weeks"], b["age_weeks"]) == (0, 0, 0)
    assert (c["valid_order_count"], c["repeat_order_count"]) == (0, 0)
    assert c["historic_margin_amount"] == 0
    assert c["recency_weeks"] is c["age_weeks"] is c["average_order_amount"] is None


def test_tables_are_empty_without_customers(five_customers):
    built = value.tables(five_customers)
    assert [name for name, rows in built.items() if not rows] == ["rpt_category_sales"]
    five_customers.customers = {}
    assert not any(value.tables(five_customers).values())
