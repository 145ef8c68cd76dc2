"""The retention oracle against every worked example and boundary of chapter 3."""

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from oracle import retention
from oracle.shop import Settings, load_shop

DAY = timedelta(days=1)


def a_user(user_id, registered, **columns):
    return {"user_id": user_id, "registered_at": str(registered), **columns}


def an_order(customer, day, amount="10", **columns):
    return {
        "order_id": f"{customer} {day} {amount}",
        "user_id": customer,
        "ordered_at": str(day),
        "status": "paid",
        "gross_amount": str(amount),
        **columns,
    }


def a_login(user_id, day):
    return {"user_id": user_id, "login_at": str(day)}


def a_guest_order(email, day):
    return an_order(None, day, order_id=f"{email} {day}", guest_email=email)


def a_shop(as_of, users=(), orders=(), logins=(), refunds=(), **settings):
    """A loaded shop; `logins` are (user, day), `orders` are rows or such tuples."""
    orders = [o if isinstance(o, dict) else an_order(*o) for o in orders]
    inputs = {
        "users": [u if isinstance(u, dict) else a_user(*u) for u in users],
        "orders": orders,
        "logins": [a_login(*login) for login in logins],
        "refunds": list(refunds),
    }
    return load_shop(inputs, Settings(as_of_date=date.fromisoformat(as_of), **settings))


def table(name, *args, **kwargs):
    return retention.tables(a_shop(*args, **kwargs))[name]


def pick(rows, **key):
    """The one row with these column values."""
    (row,) = [r for r in rows if all(r[name] == key[name] for name in key)]
    return row


def cohort_row(rows, grain, start, k, basis="registration", activity="any", **key):
    return pick(
        rows,
        cohort_basis=basis,
        activity=activity,
        period_grain=grain,
        cohort_start_date=date.fromisoformat(start),
        period_number=k,
        channel=key.pop("channel", "all"),
        **key,
    )


#


def test_31_january_cohort_active_on_28_february_is_month_offset_1():
    rows = table(
        "fct_cohort_retention",
        "2023-03-31",
        [("u", "2023-01-31")],
        logins=[("u", "2023-02-28")],
    )
    counts = [cohort_row(rows, "month", "2023-01-01", k) for k in range(3)]
    assert [row["retained_count"] for row in counts] == [0, 1, 0]
    assert [row["retained_or_later_count"] for row in counts] == [1, 1, 0]
    assert [row["retention_rate"] for row in counts] == [0.0, 1.0, 0.0]
    assert cohort_row(rows, "day", "2023-01-31", 28)["retained_count"] == 1
    assert cohort_row(rows, "week", "2023-01-30", 4)["retained_count"] == 1


def test_offsets_are_calendar_differences_not_24_hour_blocks():
    rows = table(
        "fct_cohort_retention",
        "2024-03-03",
        [("u", "2024-02-29 23:59:59")],
        logins=[("u", "2024-03-01 00:00:00")],
    )
    assert cohort_row(rows, "day", "2024-02-29", 1)["retention_rate"] == 1.0
    assert cohort_row(rows, "month", "2024-02-01", 1)["retained_count"] == 1
    assert cohort_row(rows, "week", "2024-02-26", 0)["retained_count"] == 1


def test_weeks_can_begin_on_sunday():
    args = ("2024-03-09", [("u", "2024-03-02")], (), [("u", "2024-03-03")])
    monday = table("fct_cohort_retention", *args)
    sunday = table("fct_cohort_retention", *args, week_start="sunday")
    assert cohort_row(monday, "week", "2024-02-26", 0)["retained_count"] == 1
    assert cohort_row(sunday, "week", "2024-02-25", 0)["retained_count"] == 0
    assert cohort_row(sunday, "week", "2024-02-25", 1)["retained_count"] == 1


def test_rows_begin_with_their_period_and_rates_wait_for_its_end():
    rows = table(
        "fct_cohort_retention",
        "2023-02-27",
        [("u", "2023-01-31")],
        logins=[("u", "2023-02-05")],
    )
    first = cohort_row(rows, "month", "2023-01-01", 0)
    second = cohort_row(rows, "month", "2023-01-01", 1)
    assert first["is_mature"] and first["retention_rate"] == 0.0
    assert first["unbounded_retention_rate"] == 1.0
    assert not second["is_mature"]
    assert second["retained_count"] == second["retained_or_later_count"] == 1
    assert second["retention_rate"] is second["unbounded_retention_rate"] is None
    numbers = {
        (row["period_grain"], row["cohort_start_date"].isoformat()): row[
            "period_number"
        ]
        for row in rows  # ascending, so the last one of each cohort stays
    }
    assert numbers["month", "2023-02-01"] == 0
    assert numbers["month", "2023-01-01"] == 1
    assert numbers["day", "2023-01-31"] == 27
    assert numbers["week", "2023-01-30"] == 4


def test_an_empty_cohort_is_a_row_of_zeros_without_rates():
    rows = table(
        "fct_cohort_retention", "2023-03-31", [("u", "2023-01-31"), ("v", "2023-03-01")]
    )
    empty = cohort_row(rows, "month", "2023-02-01", 1)
    assert empty["cohort_customer_count"] == empty["retained_count"] == 0
    assert empty["is_mature"] and empty["retention_rate"] is None
    assert empty["unbounded_retention_rate"] is None


def test_channels_appear_by_month_only():
    users = [
        a_user("u", "2023-01-05", channel="ads"),
        a_user("v", "2023-01-06"),
    ]
    rows = table("fct_cohort_retention", "2023-02-28", users, [("u", "2023-02-01")])
    assert cohort_row(rows, "month", "2023-01-01", 1, channel="ads")[
        "retention_rate"
    ] == pytest.approx(1.0)
    assert cohort_row(rows, "month", "2023-01-01", 1)["retention_rate"] == 0.5
    channels = defaultdict(set)
    for row in rows:
        channels[row["period_grain"]].add(row["channel"])
    assert channels["month"] == {"all", "ads", "unknown"}
    assert channels["day"] == channels["week"] == {"all"}


def test_an_order_before_registration_is_no_negative_offset():
    rows = table(
        "fct_cohort_retention",
        "2023-04-30",
        [("u", "2023-03-01")],
        [("u", "2023-02-10"), ("u", "2023-03-10")],
        [("u", "2023-01-05")],
    )
    registered = cohort_row(rows, "month", "2023-03-01", 0)
    assert (registered["cohort_customer_count"], registered["retained_count"]) == (1, 1)
    bought = cohort_row(rows, "month", "2023-02-01", 1, "first_order", "order")
    assert (bought["cohort_customer_count"], bought["retained_count"]) == (1, 1)
    # the login of January is before entry: no activity of anybody
    assert (
        cohort_row(rows, "month", "2023-02-01", 0, "first_order", "login")[
            "retained_count"
        ]
        == 0
    )


def test_brackets_count_any_offset_inside_and_mature_with_their_last_period():
    args = (
        [("u", "2023-03-01"), ("v", "2023-03-01"), ("w", "2023-03-01")],
        (),
        [("u", "2023-03-02"), ("u", "2023-03-04"), ("v", "2023-03-05")],
    )
    rows = table("rpt_retention_brackets", "2023-03-04", *args)
    key = {
        "cohort_basis": "registration",
        "activity": "any",
        "period_grain": "day",
        "cohort_start_date": date(2023, 3, 1),
    }
    mine = [row for row in rows if all(row[name] == key[name] for name in key)]
    assert [(row["bracket_from"], row["bracket_to"]) for row in mine] == [(1, 3)]
    assert mine[0]["retained_count"] == 1
    assert mine[0]["retention_rate"] == pytest.approx(1 / 3)
    next_day = table("rpt_retention_brackets", "2023-03-05", *args)
    young = pick(next_day, **key, bracket_from=4)
    assert young["retained_count"] == 1
    assert not young["is_mature"] and young["retention_rate"] is None
    for as_of, is_mature in (("2023-03-07", False), ("2023-03-08", True)):
        rows = table("rpt_retention_brackets", as_of, *args)
        row = pick(rows, **key, bracket_from=4)
        assert row["is_mature"] == is_mature
        assert row["retention_rate"] == (1 / 3 if is_mature else None)


#


def test_weighted_retention_is_003_where_the_simple_mean_is_01433():
    users, logins = [], []
    for day, size, active in ((1, 50, 1), (3, 50, 20), (5, 900, 9)):
        for i in range(size):
            users.append((f"{day}/{i}", date(2023, 3, day)))
            if i < active:
                logins.append((f"{day}/{i}", date(2023, 3, day + 1)))
    key = {
        "cohort_basis": "registration",
        "activity": "login",
        "period_grain": "day",
        "channel": "all",
        "period_number": 1,
    }
    rows = table("rpt_retention_curves", "2023-03-06", users, logins=logins)
    curve = pick(rows, **key)
    assert curve["weighted_retention_rate"] == pytest.approx(0.03)
    assert curve["mean_retention_rate"] == pytest.approx(0.43 / 3)
    assert curve["weighted_unbounded_rate"] == pytest.approx(0.03)
    assert curve["mature_cohort_count"] == 3
    month = pick(rows, **{**key, "period_grain": "month", "period_number": 0})
    assert month["mature_cohort_count"] == 0
    assert month["weighted_retention_rate"] is month["mean_retention_rate"] is None


def test_nrr_is_0933_and_grr_080():
    orders = [
        ("u", "2023-01-05", "100"),
        ("v", "2023-01-06", "50"),
        ("u", "2023-02-05", "120"),
        ("v", "2023-02-06", "20"),
    ]
    users = [a_user("u", "2023-01-05", channel="ads"), a_user("v", "2023-01-06")]
    rows = table("fct_cohort_retention", "2023-03-31", users, orders)
    at = {"basis": "first_order", "activity": "order"}
    first, second, third = (
        cohort_row(rows, "month", "2023-01-01", k, **at) for k in range(3)
    )
    assert (first["nrr_rate"], first["grr_rate"]) == (1.0, 1.0)
    assert second["net_amount"] == Decimal("140.00")
    assert second["net_amount_per_customer"] == 70.0
    assert second["nrr_rate"] == pytest.approx(140 / 150)
    assert second["grr_rate"] == pytest.approx(0.80)
    assert (third["net_amount"], third["nrr_rate"]) == (Decimal("0.00"), 0.0)
    ads = cohort_row(rows, "month", "2023-01-01", 1, channel="ads", **at)
    assert (ads["nrr_rate"], ads["grr_rate"]) == (1.2, 1.0)
    day = cohort_row(rows, "day", "2023-01-05", 0, **at)
    assert day["net_amount"] == Decimal("100.00") and day["nrr_rate"] is None
    other = cohort_row(rows, "month", "2023-01-01", 1, "first_order", "any")
    assert other["net_amount"] is other["nrr_rate"] is None


def test_revenue_retention_needs_a_base_and_a_complete_period():
    orders = [
        an_order("u", "2023-01-05", "100", order_id="o"),
        an_order("v", "2023-02-05", "30"),
        an_order("u", "2023-02-06", "20"),
    ]
    refund = {
        "refund_id": "r",
        "order_id": "o",
        "refunded_at": "2023-02-07",
        "amount": "100",
    }
    rows = table(
        "fct_cohort_retention",
        "2023-03-15",
        [("u", "2023-01-01"), ("v", "2023-01-01")],
        orders,
        refunds=[refund],
    )
    at = {"basis": "first_order", "activity": "order"}
    no_base = cohort_row(rows, "month", "2023-01-01", 1, **at)
    assert no_base["net_amount"] == Decimal("20.00")
    assert no_base["nrr_rate"] is no_base["grr_rate"] is None
    young = cohort_row(rows, "month", "2023-02-01", 1, **at)
    assert young["net_amount"] == Decimal("0.00")
    assert young["net_amount_per_customer"] is young["nrr_rate"] is None


#


def churn_on(rows, day):
    return pick(rows, date_day=date.fromisoformat(day))


def test_churned_on_1_april_after_1_march_and_returned_on_5_april():
    rows = table(
        "fct_churn_daily",
        "2023-04-10",
        [("u", "2023-03-01")],
        logins=[("u", "2023-03-01"), ("u", "2023-04-05")],
    )
    assert churn_on(rows, "2023-03-31")["churned_count"] == 0
    april = churn_on(rows, "2023-04-01")
    assert (april["churned_count"], april["newly_churned_count"]) == (1, 1)
    assert (april["churn_rate"], april["return_rate"]) == (1.0, None)
    back = churn_on(rows, "2023-04-05")
    assert (back["churned_count"], back["returned_count"]) == (0, 1)
    assert back["return_rate"] == 1.0
    assert churn_on(rows, "2023-04-04")["return_rate"] == 0.0
    assert churn_on(rows, "2023-04-06")["return_rate"] is None


@pytest.mark.parametrize(("back", "churned"), [("2023-04-01", 0), ("2023-04-02", 1)])
def test_activity_on_day_31_prevents_churn(back, churned):
    rows = table(
        "fct_churn_daily",
        "2023-04-10",
        [("u", "2023-03-01")],
        logins=[("u", back)],
    )
    assert churn_on(rows, "2023-04-01")["newly_churned_count"] == churned
    assert sum(row["returned_count"] for row in rows) == churned


def test_idle_time_counts_from_entry_without_activity():
    rows = table("fct_churn_daily", "2023-04-02", [("u", "2023-03-01")])
    counts = [row["churned_count"] for row in rows]
    assert counts == [0] * 31 + [1, 1]
    assert [row["customer_count"] for row in rows] == [1] * 33


def test_a_cancelled_order_is_entry_but_no_activity():
    order = an_order("u", "2023-03-01", status="cancelled")
    rows = table("fct_churn_daily", "2023-04-01", [("u", "2023-03-20")], [order])
    assert churn_on(rows, "2023-04-01")["churned_count"] == 1


def churn_of_cohorts(leavers, days=50):
    """100 customers active every day; leavers[i] of them stop after day i."""
    start = date(2023, 3, 1)
    users = [(f"u{i}", start) for i in range(100)]
    stops = [day for day, count in enumerate(leavers) for _ in range(count)]
    stops += [days] * (100 - len(stops))
    logins = [
        (f"u{i}", start + day * DAY)
        for i, stop in enumerate(stops)
        for day in range(min(stop + 1, days))
    ]
    as_of = (start + (days - 1) * DAY).isoformat()
    return table("fct_churn_daily", as_of, users, logins=logins, churn_after_days=1)


def test_the_churn_curve_needs_two_weeks_of_history():
    rows = churn_of_cohorts([1] * 50)
    slopes = [row["churn_rate_slope"] for row in rows]
    assert slopes[:6] == [None] * 6 and None not in slopes[6:]
    curves = [row["churn_curve"] for row in rows]
    assert curves[:13] == [None] * 13 and None not in curves[13:]
    assert [row["churn_rate_acceleration"] for row in rows][12] is None


def test_a_straight_churn_curve_is_slowing_not_accelerating():
    # one leaver a day: the ratio rises by 0.01 a day, so the slope stays the same
    row = churn_of_cohorts([1] * 50)[30]
    assert row["churn_rate_slope"] == 0.01
    assert row["churn_rate_acceleration"] == 0.0
    assert row["churn_curve"] == "slowing"


def test_the_churn_curve_knows_its_four_shapes():
    faster = churn_of_cohorts([1] * 20 + [2] * 30)
    assert faster[25]["churn_curve"] == "accelerating"
    assert faster[45]["churn_curve"] == "slowing"
    still = churn_of_cohorts([0] * 50)
    assert still[20]["churn_curve"] == "flat"
    assert still[20]["churn_rate_slope"] == 0.0
    # everybody leaves, then one by one returns
    logins = [("u", "2023-03-01"), ("v", "2023-03-01"), ("v", "2023-03-20")]
    users = [("u", "2023-03-01"), ("v", "2023-03-01")]
    rows = table(
        "fct_churn_daily", "2023-03-21", users, logins=logins, churn_after_days=1
    )
    assert rows[19]["churn_curve"] == "improving"
    # y = 1 six times, then 0.5: slope = 3 * (0.5 - 1) / 28
    assert rows[19]["churn_rate_slope"] == pytest.approx(-1.5 / 28, abs=1e-12)


def test_new_user_churn_is_040():
    users = [(f"u{i}", "2023-03-01") for i in range(10)]
    logins = [(f"u{i}", "2023-03-31") for i in range(6)]
    logins += [(f"u{i}", "2023-03-01") for i in range(10)]
    logins += [("u9", "2023-04-01")]
    for as_of, rate in (("2023-03-30", None), ("2023-03-31", 0.40)):
        rows = table("rpt_new_user_churn", as_of, users, logins=logins)
        row = pick(rows, registration_date=date(2023, 3, 1), channel="all")
        assert row["registered_count"] == 10
        assert row["new_user_churn_rate"] == rate
        assert row["is_mature"] == (rate is not None)
    assert row["new_user_churned_count"] == 4
    empty = pick(rows, registration_date=date(2023, 3, 2), channel="all")
    assert (empty["registered_count"], empty["new_user_churn_rate"]) == (0, None)
    late = table("rpt_new_user_churn", "2023-04-05", users, logins=logins)
    assert (
        pick(late, registration_date=date(2023, 3, 1), channel="unknown")[
            "new_user_churned_count"
        ]
        == 4
    )  # u9 came back on R + 31


def test_guests_are_no_new_users():
    orders = [a_guest_order("a@b.c", "2023-03-01")]
    rows = table("rpt_new_user_churn", "2023-04-30", orders=orders)
    assert {row["registered_count"] for row in rows} == {0}


#


def growth_row(rows, day, population="active", **key):
    return pick(
        rows,
        period_start_date=date.fromisoformat(day),
        population=population,
        period_grain=key.pop("grain", "day"),
        channel=key.pop("channel", "all"),
        **key,
    )


def heads(row):
    states = ("active", "new", "retained", "resurrected", "churned")
    return [row[f"{state}_customer_count"] for state in states]


def test_growth_accounting_of_abc_ad_ab():
    users = [(name, "2023-03-01") for name in "abcd"]
    visits = [(1, "abc"), (2, "ad"), (3, "ab")]
    logins = [(name, date(2023, 3, day)) for day, names in visits for name in names]
    rows = table("rpt_growth_accounting", "2023-03-05", users, logins=logins)
    assert heads(growth_row(rows, "2023-03-01")) == [3, 3, 0, 0, 0]
    second = growth_row(rows, "2023-03-02")
    assert heads(second) == [2, 1, 1, 0, 2]
    assert (second["quick_ratio"], second["flow_churn_rate"]) == (0.5, 2 / 3)
    assert heads(growth_row(rows, "2023-03-03")) == [2, 0, 1, 1, 1]
    assert heads(growth_row(rows, "2023-03-04")) == [0, 0, 0, 0, 2]
    silent = growth_row(rows, "2023-03-05")
    assert heads(silent) == [0, 0, 0, 0, 0]
    assert silent["quick_ratio"] is silent["flow_churn_rate"] is None
    assert second["new_net_amount"] is second["net_quick_ratio"] is None


def test_growth_accounting_of_money():
    first = {"a": "100", "b": "50", "lost": "20"}
    second = {"a": "60", "b": "80", "new": "30"}
    orders = [(name, "2023-01-31", net) for name, net in first.items()]
    orders += [(name, "2023-02-28", net) for name, net in second.items()]
    users = [(name, "2023-01-01") for name in first | second]
    rows = table("rpt_growth_accounting", "2023-02-28", users, orders)
    row = growth_row(rows, "2023-02-01", "buyers", grain="month")
    money = {
        "new": "30",
        "retained": "110",
        "resurrected": "0",
        "expansion": "30",
        "contraction": "40",
        "churned": "20",
    }
    for name, amount in money.items():
        assert row[f"{name}_net_amount"] == Decimal(amount), name
    assert row["net_quick_ratio"] == pytest.approx(60 / 60)
    assert heads(row) == [3, 1, 2, 0, 1]


def test_churn_of_an_incomplete_period_is_unknown():
    rows = table(
        "rpt_growth_accounting",
        "2023-02-27",
        [("a", "2023-01-01"), ("b", "2023-01-01")],
        [("a", "2023-01-31", "10"), ("b", "2023-01-31"), ("a", "2023-02-01", "4")],
    )
    row = growth_row(rows, "2023-02-01", "buyers", grain="month")
    assert not row["is_complete"]
    assert heads(row) == [1, 0, 1, 0, None]
    assert row["retained_net_amount"] == Decimal("4.00")
    assert row["expansion_net_amount"] == Decimal("0.00")
    for name in ("contraction_net_amount", "churned_net_amount"):
        assert row[name] is None
    for name in ("quick_ratio", "net_quick_ratio", "flow_churn_rate"):
        assert row[name] is None


#


def test_active_users_look_back_over_closed_windows():
    logins = [("u", "2023-03-01"), ("v", "2023-03-01"), ("v", "2023-03-02")]
    rows = table(
        "rpt_active_users",
        "2023-04-01",
        [("u", "2023-03-01"), ("v", "2023-03-01")],
        logins=logins,
    )

    def counts(day):
        row = pick(rows, date_day=date.fromisoformat(day))
        return [row[f"{name}_count"] for name in ("dau", "wau", "mau")]

    assert counts("2023-03-01") == [2, 2, 2]
    assert counts("2023-03-07") == [0, 2, 2]
    assert counts("2023-03-08") == [0, 1, 2]
    assert counts("2023-03-30") == [0, 0, 2]
    assert counts("2023-03-31") == [0, 0, 1]
    assert counts("2023-04-01") == [0, 0, 0]
    second = pick(rows, date_day=date(2023, 3, 2))
    assert second["stickiness_rate"] == 0.5
    assert second["average_stickiness_rate"] == pytest.approx(3 / 30 / 2)
    assert pick(rows, date_day=date(2023, 4, 1))["stickiness_rate"] is None
    full = [row["date_day"] for row in rows if row["has_full_window"]]
    assert full[0] == date(2023, 3, 30)


def test_histogram_counts_active_days_of_a_period():
    logins = [("u", "2023-02-27"), ("u", "2023-03-01"), ("v", "2023-03-01")]
    rows = table(
        "rpt_active_periods",
        "2023-03-05",
        [("u", "2023-02-01"), ("v", "2023-02-01"), ("w", "2023-02-01")],
        logins=logins,
    )
    got = [
        (
            row["period_grain"],
            row["period_start_date"].isoformat(),
            row["active_day_count"],
            row["customer_count"],
            row["is_complete"],
        )
        for row in rows
    ]
    assert got == [
        ("week", "2023-02-27", 1, 1, True),
        ("week", "2023-02-27", 2, 1, True),
        ("month", "2023-02-01", 1, 1, True),
        ("month", "2023-03-01", 1, 2, False),
    ]


# Empty shops and invariants


def test_a_shop_without_rows_has_empty_tables():
    for as_of in ("2023-03-01", "2022-01-01"):
        rows = retention.tables(a_shop(as_of, [("u", "2024-01-01")]))
        assert len(rows) == 8
        assert all(not table_rows for table_rows in rows.values())


@pytest.fixture(scope="module")
def random_shop():
    chance = random.Random(7)
    start = date(2022, 11, 20)
    users, orders, logins = [], [], []
    for i in range(40):
        registered = start + chance.randrange(80) * DAY
        users.append(a_user(f"u{i}", registered, channel=chance.choice("xy")))
        for _ in range(chance.randrange(8)):
            logins.append((f"u{i}", start + chance.randrange(120) * DAY))
        for _ in range(chance.randrange(4)):
            day = start + chance.randrange(120) * DAY
            orders.append(an_order(f"u{i}", day, str(chance.randrange(100))))
    orders.append(a_guest_order("g@h.i", "2023-01-15"))
    return a_shop("2023-03-10", users, orders, logins)


def test_retention_invariants(random_shop):
    """I-09, I-10: rates in order, unbounded never rises, cohorts add up."""
    rows = retention.tables(random_shop)
    registered = sum(
        c["registered_at"] is not None for c in random_shop.customers.values()
    )
    buyers = sum(bool(orders) for orders in random_shop.valid_orders.values())
    sizes, previous = defaultdict(int), {}
    for row in rows["fct_cohort_retention"]:
        key = tuple(list(row.values())[:5])
        assert 0 <= row["retained_count"] <= row["retained_or_later_count"]
        assert row["retained_or_later_count"] <= row["cohort_customer_count"]
        if row["period_number"] == 0:
            sizes[key[:3], row["channel"] == "all"] += row["cohort_customer_count"]
        else:
            assert row["retained_or_later_count"] <= previous[key]
        previous[key] = row["retained_or_later_count"]
        if row["nrr_rate"] is not None:
            assert row["grr_rate"] <= min(1, row["nrr_rate"]) + 1e-12
    for ((basis, _, _), _), size in sizes.items():
        assert size == (registered if basis == "registration" else buyers)
    exact = {tuple(list(row.values())[:6]): row for row in rows["fct_cohort_retention"]}
    for row in rows["rpt_retention_brackets"]:
        if row["bracket_from"] == row["bracket_to"]:
            key = (*list(row.values())[:4], "all", row["bracket_from"])
            assert row["retention_rate"] == exact[key]["retention_rate"]


def test_churn_invariant_and_state_by_definition(random_shop):
    """I-08, and the stock equals the state counted customer by customer."""
    stock = 0
    for row in retention.tables(random_shop)["fct_churn_daily"]:
        day = row["date_day"]
        stock += row["newly_churned_count"] - row["returned_count"]
        existing = {
            i: c["entry_date"]
            for i, c in random_shop.customers.items()
            if c["entry_date"] <= day
        }
        churned = sum(
            (day - max([entry, *(d for d in random_shop.churn_days[i] if d <= day)]))
            > 30 * DAY
            for i, entry in existing.items()
        )
        assert row["churned_count"] == stock == churned
        assert row["customer_count"] == len(existing)


def test_growth_accounting_invariants(random_shop):
    """I-07, heads and money; the channels add up to the total."""
    previous = {}
    totals = defaultdict(int)
    money = ("new", "resurrected", "retained", "expansion")
    for row in retention.tables(random_shop)["rpt_growth_accounting"]:
        key = (row["period_grain"], row["population"], row["channel"])
        active, *parts, churned = heads(row)
        sign = 1 if row["channel"] == "all" else -1
        totals[key[:2], row["period_start_date"]] += sign * active
        assert active == sum(parts)
        before, before_net = previous.get(key, (0, 0))
        net = None
        if row["is_complete"]:
            assert before == row["retained_customer_count"] + churned
        if row["population"] == "buyers":
            net = sum(row[f"{name}_net_amount"] for name in money)
            if row["is_complete"]:
                lost = row["contraction_net_amount"] + row["churned_net_amount"]
                assert before_net == row["retained_net_amount"] + lost
        previous[key] = active, net
    assert set(totals.values()) == {0}
