"""The oracle's reading, row rules and calendar, at their boundaries."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from oracle import audit, reading
from oracle.shop import Settings, Shop, load_shop

CUTOFF = "2025-01-01T00:00:00Z"
BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")


def user(user_id: str, registered_at: str = "2024-01-01", **cells) -> dict:
    return {"user_id": user_id, "registered_at": registered_at, **cells}


def order(order_id: str, ordered_at: str = "2024-02-01", **cells) -> dict:
    row = {"order_id": order_id, "ordered_at": ordered_at, "status": "paid"}
    row |= {"user_id": "u1", "gross_amount": "100"}
    return row | cells


def login(login_id: str, login_at: str = "2024-02-01", **cells) -> dict:
    return {"login_id": login_id, "user_id": "u1", "login_at": login_at} | cells


def item(line_number: str, **cells) -> dict:
    row = {"order_id": "o1", "line_number": line_number, "item_id": "i"}
    return row | {"quantity": "1", "unit_price": "5"} | cells


def refund(refund_id: str, amount: str, refunded_at="2024-02-02", **cells) -> dict:
    row = {"refund_id": refund_id, "order_id": "o1", "amount": amount}
    return row | {"refunded_at": refunded_at} | cells


def event(event_id: str, **cells) -> dict:
    row = {"event_id": event_id, "user_id": "u1", "event_name": "view"}
    return row | {"event_at": "2024-02-03"} | cells


def referral(referral_id, referrer, referee, invited, accepted=None) -> dict:
    row = {"referral_id": referral_id, "referrer_id": referrer, "referee_id": referee}
    return row | {"invited_at": invited, "accepted_at": accepted}


def spend(spend_date: str = "2024-02-01", **cells) -> dict:
    return {"spend_date": spend_date, "channel": "ads", "spend": "1"} | cells


def load(project_vars: dict | None = None, **tables) -> Shop:
    """A shop of the given rows; without users there is one, u1."""
    required = {"users": [user("u1")], "orders": [], "logins": []}
    settings = {"future_cutoff_at": CUTOFF} | (project_vars or {})
    return load_shop(required | tables, Settings.from_vars(settings))


def codes(shop: Shop, name: str) -> list[str]:
    """All reason codes of each row of an input, in raw order; '' = accepted."""
    return [",".join(row.codes) for row in shop.raw[name]]


# Reading text


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2024-02-29 10:30", datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
        ("2024-02-29T10:30:59", datetime(2024, 2, 29, 10, 30, 59, tzinfo=UTC)),
        ("2024-02-29T10:30:59.1234569", datetime(2024, 2, 29, 10, 30, 59, 123456, UTC)),
        ("2024-02-29T23:30Z", datetime(2024, 2, 29, 23, 30, tzinfo=UTC)),
        ("2024-02-29T23:30-01:00", datetime(2024, 3, 1, 0, 30, tzinfo=UTC)),
        ("2024-03-01+05:30", datetime(2024, 2, 29, 18, 30, tzinfo=UTC)),
    ],
)
def test_a_timestamp_is_read_as_its_instant(text, instant):
    assert reading.read_timestamp(text, ZoneInfo("UTC")) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("now", "epoch", "12:30", "2023-02-29", "0000-01-01", "2024-1-01"),
        *("2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T10:00:60"),
        *("2024-01-01  10:00", "2024-01-01t10:00", "2024-01-01T10", "20240101"),
        *("2024-01-01T10:00+24:00", "2024-01-01T10:00+01:60", "2024-01-01T10:00+01"),
        *("2024-01-01T10:00:00.", "2024-01-01T10:00 Z", "2024-01-01\n"),
        "\u0662024-01-01",
    ],
)
def test_anything_else_is_no_timestamp(text):
    assert reading.read_timestamp(text, ZoneInfo("UTC")) is None


@pytest.mark.parametrize(
    ("local", "zone", "hour", "minute"),
    [
        # Skipped wall-clock times move forward by the gap.
        ("2024-03-31T02:30", BERLIN, 1, 30),
        ("2024-03-31T01:59", BERLIN, 0, 59),
        ("2024-03-31T03:00", BERLIN, 1, 0),
        ("2024-03-10T02:30", NEW_YORK, 7, 30),
        # Repeated ones mean their second pass.
        ("2024-10-27T02:30", BERLIN, 1, 30),
        ("2024-10-27T01:59", BERLIN, 23, 59),
        ("2024-10-27T03:00", BERLIN, 2, 0),
        ("2024-11-03T01:30", NEW_YORK, 6, 30),
    ],
)
def test_daylight_saving_nights(local, zone, hour, minute):
    instant = reading.read_timestamp(local, zone)
    assert (instant.hour, instant.minute) == (hour, minute)


def test_the_ends_of_the_calendar_are_readable():
    for text in ("0001-01-01T00:00+23:00", "9999-12-31T23:59-23:00", "0001-01-01"):
        instant = reading.read_timestamp(text, NEW_YORK)
        assert instant.astimezone(BERLIN).year in (1, 9999)


@pytest.mark.parametrize(
    ("text", "money"),
    [
        *(("1.005", "1.01"), ("-1.005", "-1.01"), ("+2", "2.00"), ("007", "7.00")),
        *(("0.004", "0.00"), ("-0.004", "0.00"), ("999999999999999.994", None)),
    ],
)
def test_money_is_rounded_half_away_from_zero(text, money):
    expected = money or "999999999999999.99"
    assert str(reading.read_money(text)) == expected


@pytest.mark.parametrize(
    "text", ["1e3", "NaN", "1,5", ".5", "5.", "1 0", "0x1", "--1", "1234567890123456"]
)
def test_other_text_is_no_number(text):
    assert reading.read_decimal(text) is None


def test_integers_accept_only_zeros_after_the_point():
    assert [reading.read_integer(t) for t in ("2.0", "2.5", "-3")] == [2, None, -3]


def test_booleans_are_read_in_any_case():
    words = ("TRUE", "False", "yes", "1")
    assert [reading.read_boolean(word) for word in words] == [True, False, None, None]


def test_cells_are_trimmed_and_empty_cells_are_null():
    shop = load(users=[user(" u1 ", "2024-01-01 ", channel="  ")])
    assert shop.customers["u1"]["channel"] == "unknown"


# Common row rules


def test_common_codes_are_listed_in_order():
    shop = load(
        users=[
            user("", "never"),
            user("u2", None),
            user("u3", "2025-01-01T00:00:00Z"),
            user("u4", "2025-01-01T00:00:01Z"),
            user("u5", "1999-12-31"),
            user("u6", "2000-01-01"),
        ],
        marketing_spend=[
            spend("2024-13-01", spend="much"),
            spend(None, spend=None),
            spend("2025-01-01"),
            spend("2025-01-02"),
            spend("1999-12-31"),
        ],
    )
    assert codes(shop, "users") == [
        "null_key,unparsable_timestamp",
        "missing_value",
        "",
        "future_timestamp",
        "implausible_timestamp",
        "",
    ]
    assert codes(shop, "marketing_spend") == [
        "unparsable_date,unparsable_number",
        "null_key,missing_value",
        "",
        "future_timestamp",
        "implausible_timestamp",
    ]


def test_the_earliest_date_is_local():
    new_year_in_berlin = "1999-12-31T23:30:00Z"
    rows = {"users": [user("u1", new_year_in_berlin)]}
    assert codes(load(**rows), "users") == ["implausible_timestamp"]
    in_berlin = load({"business_timezone": "Europe/Berlin"}, **rows)
    assert codes(in_berlin, "users") == [""]


def test_bad_optional_attributes_become_null_and_are_counted():
    shop = load(
        users=[
            user("u1", birth_year="1850", gender="robot", profile_completion_pct="140"),
            user("u2", birth_year="2024", friend_count="-1", contacts_imported="yes"),
            user("u3", birth_year="2025", profile_completion_pct="100", gender="other"),
            user("u4", "never", birth_year="1850"),
            user("u5", member_since="2025-02-30", updated_at="2025-02-01"),
        ],
        orders=[order("o1", paid_at="soon", delivered_at="1990-01-01")],
        events=[event("e1", rating="9", event_value="x"), event("e2", rating="5.0")],
        marketing_spend=[spend(clicks="many")],
    )
    assert codes(shop, "users") == ["", "", "", "unparsable_timestamp", ""]
    nulled = {
        (row["input_name"], row["column_name"]): row["nulled_count"]
        for row in audit.tables(shop)["audit_nulled_attributes"]
    }
    assert nulled == {
        ("events", "event_value"): 1,
        ("events", "rating"): 1,
        ("marketing_spend", "clicks"): 1,
        ("orders", "delivered_at"): 1,
        ("orders", "paid_at"): 1,
        ("users", "birth_year"): 2,
        ("users", "contacts_imported"): 1,
        ("users", "friend_count"): 1,
        ("users", "gender"): 1,
        ("users", "member_since"): 1,
        ("users", "profile_completion_pct"): 1,
        ("users", "updated_at"): 1,
    }
    assert shop.spend[0]["clicks"] == 0
    assert [row["rating"] for row in shop.events] == [None, 5]


def test_unreadable_money_rejects_also_in_optional_columns():
    rows = [
        order("o1", discount_amount="x"),
        order("o2", net_amount="x"),
        order("o3", cost_amount="x"),
        order("o4", cost_amount=None),
    ]
    assert codes(load(orders=rows), "orders") == ["unparsable_number"] * 3 + [""]


# Rules per input


def test_order_rules():
    rows = [
        order("o1", user_id=None),
        order("o2", user_id="ghost"),
        order("o3", status="lost"),
        order("o4", gross_amount="-1"),
        order("o5", discount_amount="100.01"),
        order("o6", discount_amount="100.00", cost_amount="0"),
        order("o7", user_id="ghost", guest_email="a@b", status="lost"),
        order("o8", currency="EUR"),
        order("o9", cost_amount="-0.01"),
        order("o10", status=None),
    ]
    assert codes(load({"reporting_currency": "USD"}, orders=rows), "orders") == [
        "missing_customer",
        "unknown_user",
        "unknown_status",
        "negative_amount,discount_exceeds_gross",
        "discount_exceeds_gross",
        "",
        "unknown_user,unknown_status",
        "currency_mismatch",
        "negative_amount",
        "missing_value",
    ]
    assert codes(load(orders=rows), "orders")[7] == ""


def test_excluded_users_take_their_rows_with_them():
    shop = load(
        users=[
            user("u1"),
            user("staff", is_excluded=" TRUE "),
            user("twice", is_excluded="true"),
            user("twice"),
        ],
        orders=[order("o1", user_id="staff")],
        logins=[login("l1", user_id="staff"), login("l2", user_id="twice")],
        order_items=[item("1")],
        referrals=[referral("r1", "u1", "staff", "2024-03-01")],
    )
    assert codes(shop, "users") == ["", "excluded", "excluded", ""]
    assert codes(shop, "orders") == ["excluded"]
    assert codes(shop, "logins") == ["excluded", ""]
    assert codes(shop, "order_items") == ["unknown_order"]
    assert codes(shop, "referrals") == ["excluded"]


def test_logins_without_an_id_are_keyed_by_user_and_instant():
    rows = [
        {"user_id": "u1", "login_at": "2024-02-01T10:00Z"},
        {"user_id": "u1", "login_at": "2024-02-01T11:00+01:00"},
        {"user_id": None, "login_at": "2024-02-01"},
    ]
    shop = load(logins=rows)
    assert sorted(codes(shop, "logins")) == ["", "duplicate_key", "null_key"]
    assert shop.raw["logins"][2].row_key == "|2024-02-01"
    with_id = load(logins=[{**row, "login_id": None} for row in rows])
    assert codes(with_id, "logins") == [
        "null_key",
        "null_key",
        "null_key,missing_value",
    ]
    assert [row.row_key for row in with_id.raw["logins"]] == [None] * 3


def test_order_item_rules():
    rows = [
        item("1"),
        item("1.0"),
        item("2", quantity="0"),
        item("3", unit_price="-1"),
        item("4", unit_cost="-1", order_id="o9"),
        item("x"),
        item("5", plan_level="gold"),
    ]
    shop = load(orders=[order("o1")], order_items=rows)
    assert codes(shop, "order_items") == [
        "",
        "duplicate_key",
        "non_positive_quantity",
        "negative_amount",
        "unknown_order,negative_amount",
        "unparsable_number",
        "",
    ]
    assert [line["line_number"] for line in shop.order_items] == [1, 5]
    assert shop.order_items[0]["order"]["order_id"] == "o1"


def test_event_and_spend_rules():
    shop = load(
        events=[
            event("e1"),
            event("e2", user_id=None),
            event("e3", user_id=None, anonymous_id="a"),
            event("e4", user_id="ghost", anonymous_id="a"),
            event("e5", target_user_id="ghost"),
        ],
        marketing_spend=[
            spend(spend="-1"),
            spend(clicks="-1"),
            spend(),
            spend(campaign=""),
        ],
    )
    assert codes(shop, "events") == ["", "missing_customer", "", "unknown_user", ""]
    assert codes(shop, "marketing_spend")[:2] == ["negative_amount", "negative_count"]
    assert sorted(codes(shop, "marketing_spend")[2:]) == ["", "duplicate_key"]
    assert [row["customer_id"] for row in shop.events] == ["u1", None, "u1"]


# Duplicates


def test_the_latest_update_survives_and_an_unknown_one_comes_last():
    rows = [
        user("u1", channel="a"),
        user("u1", channel="b", updated_at="2024-03-01"),
        user("u1", channel="c", updated_at="2024-02-01"),
    ]
    shop = load(users=rows)
    assert codes(shop, "users") == ["duplicate_key", "", "duplicate_key"]


def test_without_updates_the_first_values_survive():
    rows = [
        user("u1", channel="a"),
        user("u1", "2024-01-01T00:00+00:00", channel="B"),
        user("u2", "2024-01-02", channel="x"),
        user("u2", "2024-01-02", channel=None),
        user("u2", "2024-01-03", channel=None),
    ]
    shop = load(users=rows)
    duplicate = "duplicate_key"
    assert codes(shop, "users") == [duplicate, "", duplicate, "", duplicate]


def test_a_broken_row_is_no_duplicate():
    rows = [order("o1", gross_amount="-5"), order("o1"), order("o1")]
    listed = codes(load(orders=rows), "orders")
    assert listed[0] == "negative_amount,discount_exceeds_gross"
    assert sorted(listed[1:]) == ["", "duplicate_key"]


# Refunds


def test_refunds_that_exceed_the_order_are_walked_in_order():
    rows = [
        refund("r2", "50", "2024-02-02T11:00"),
        refund("r1", "60", "2024-02-02T10:00"),
        refund("r3", "30", "2024-02-02T12:00"),
        refund("r4", "10", "2024-02-02T12:00"),
        refund("r5", "0.01", "2024-02-02T12:00"),
    ]
    # A refund does not set the as-of date: the order alone would hide them all.
    shop = load({"as_of_date": "2024-02-02"}, orders=[order("o1")], refunds=rows)
    exceeds = "refund_exceeds_order"
    assert codes(shop, "refunds") == [exceeds, "", "", "", exceeds]
    assert shop.orders[0]["net_amount"] == 0
    assert [r["refund_id"] for r in shop.orders[0]["refunds"]] == ["r1", "r3", "r4"]


def test_refund_rules():
    rows = [
        refund("r1", "0.004"),
        refund("r2", "1", "2024-01-31T23:59:59"),
        refund("r3", "1", "2024-02-01"),
        refund("r4", "1", order_id="o9"),
        refund("r5", "90.01"),
    ]
    shop = load(orders=[order("o1", discount_amount="10")], refunds=rows)
    assert codes(shop, "refunds") == [
        "non_positive_amount",
        "refund_before_order",
        "",
        "unknown_order",
        "refund_exceeds_order",
    ]
    assert shop.orders[0]["net_amount"] == Decimal("89.00")


def test_a_snapshot_sees_only_refunds_up_to_its_date():
    rows = [refund("r1", "40", "2024-03-01"), refund("r2", "10", "2024-04-01")]
    project_vars = {"as_of_date": "2024-03-31"}
    shop = load(project_vars, orders=[order("o1", status="cancelled")], refunds=rows)
    (cancelled,) = shop.orders
    assert not cancelled["is_valid"]
    assert cancelled["net_amount"] == Decimal("60.00")
    assert shop.net_at(cancelled, date(2024, 2, 29)) == Decimal("100.00")


# Referrals


def three_users() -> list[dict]:
    return [user("a"), user("b"), user("c", "2024-03-02")]


def test_referral_rules():
    rows = [
        referral("r1", "a", "a", "2024-03-01"),
        referral("r2", "a", None, "2024-03-01", "2024-03-02"),
        referral("r3", "a", "c", "2024-03-03", "2024-03-02"),
        referral("r4", "c", None, "2024-03-01"),
        referral("r5", "a", "b", "2024-03-01", "2024-03-02"),
        referral("r6", "a", "b", "2024-03-01"),
        referral("r7", "a", "c", "2024-03-02", "2024-03-02"),
        referral("r8", "a", "ghost", "2024-03-01"),
        referral("r9", "a", "c", "2024-03-01", "later"),
        referral("r10", "a", None, "2024-03-01"),
    ]
    shop = load(users=three_users(), referrals=rows)
    assert codes(shop, "referrals") == [
        "self_referral",
        "accepted_without_referee",
        "accepted_before_invited,referee_registered_before_invite",
        "referrer_registered_after_invite",
        "referee_registered_before_invite",
        "",
        "",
        "unknown_user",
        "unparsable_timestamp",
        "",
    ]


def test_the_first_acceptance_wins_the_referee():
    rows = [
        referral("r1", "a", "c", "2024-03-01", "2024-03-05"),
        referral("r3", "b", "c", "2024-03-01", "2024-03-04"),
        referral("r2", "a", "c", "2024-03-01", "2024-03-04"),
    ]
    shop = load(users=three_users(), referrals=rows)
    assert codes(shop, "referrals") == ["duplicate_referee", "duplicate_referee", ""]


def test_a_circle_is_broken_at_its_last_row():
    at = "2024-03-01"
    users = [user(name, at) for name in "abcd"]
    rows = [
        referral("r1", "a", "b", at, at),
        referral("r2", "b", "a", at, at),
        # A second referrer for a: the first one fell to the cycle check.
        referral("r3", "c", "a", at, at),
        referral("r4", "b", "c", at, at),
        referral("r5", "d", "c", at, at),
    ]
    shop = load(users=users, referrals=rows)
    assert codes(shop, "referrals") == ["", "referral_cycle", "", "referral_cycle", ""]


def test_an_acceptance_after_the_as_of_date_is_pending():
    rows = [
        referral("r1", "a", "c", "2024-03-01", "2024-03-20"),
        referral("r2", "a", None, "2024-03-15"),
    ]
    project_vars = {"as_of_date": "2024-03-10"}
    (pending,) = load(project_vars, users=three_users(), referrals=rows).referrals
    assert pending["accepted_at"] is None
    assert pending["accepted_date"] is None
    assert pending["referee_customer_id"] == "c"


# The as-of date and the calendar


def test_the_as_of_date_is_the_latest_fact_not_the_latest_row():
    shop = load(
        orders=[order("o1", "2024-02-01", status="cancelled")],
        events=[event("e1", user_id=None, anonymous_id="a", event_at="2024-02-05")],
        refunds=[refund("r1", "1", "2024-06-01")],
        marketing_spend=[spend("2024-07-01"), spend("2023-01-01")],
    )
    assert shop.as_of_date == date(2024, 2, 5)
    assert shop.history_start_date == date(2024, 1, 1)
    assert [row["spend_date"] for row in shop.spend] == [date(2023, 1, 1)]
    assert shop.orders[0]["refunds"] == []


def test_the_as_of_date_is_local():
    rows = {"logins": [login("l1", "2024-02-01T23:30:00Z")]}
    assert load(**rows).as_of_date == date(2024, 2, 1)
    in_berlin = load({"business_timezone": "Europe/Berlin"}, **rows)
    assert in_berlin.as_of_date == date(2024, 2, 2)


def test_rows_after_the_as_of_date_are_accepted_and_ignored():
    tables = {
        "users": [
            user("u1"),
            user("u2", "2024-03-01", channel="ads"),
            user("u3", "2024-04-01"),
        ],
        "orders": [
            order("o1", delivered_at="2024-02-20", paid_at="2024-02-01"),
            order("o2", user_id="u2"),
            order("o3", "2024-02-11"),
        ],
        "logins": [login("l1", "2024-02-11"), login("l2", "2024-02-10", user_id="u3")],
        "order_items": [item("1"), item("1", order_id="o3")],
    }
    shop = load({"as_of_date": "2024-02-10"}, **tables)
    assert [*shop.customers] == ["u1", "u2"]
    early = shop.customers["u2"]
    assert early["registered_at"] is None
    assert not early["is_guest"]
    assert early["channel"] == "ads"
    assert early["entry_date"] == date(2024, 2, 1)
    assert shop.orders[0]["delivered_at"] is None
    assert shop.orders[0]["paid_at"] is not None
    assert len(shop.orders) == 2
    assert len(shop.order_items) == 1
    assert shop.logins == []
    ignored = {
        row["input_name"]: row["ignored_after_as_of_count"]
        for row in audit.tables(shop)["audit_input_reconciliation"]
    }
    assert ignored["users"] == 2
    assert ignored["orders"] == 1
    assert ignored["logins"] == 1
    assert ignored["order_items"] == 1


@pytest.mark.parametrize("as_of", [None, "2023-12-31"])
def test_before_the_first_row_everything_is_empty(as_of):
    users = [user("u1")] if as_of else []
    shop = load(
        {"as_of_date": as_of}, users=users, marketing_spend=[spend("2023-01-01")]
    )
    assert shop.customers == {}
    assert shop.history_start_date is None
    assert shop.days == shop.snapshot_dates == shop.channels == shop.spend == []


def test_a_required_input_must_exist():
    with pytest.raises(ValueError, match="logins"):
        load(logins=None)


def test_snapshots_are_the_kept_month_ends_and_the_as_of_date():
    rows = {"logins": [login("l1", "2024-04-15")]}
    ends = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31)]
    assert load(**rows).snapshot_dates == [*ends, date(2024, 4, 15)]
    bounded = load({"snapshot_months": 2}, **rows)
    assert bounded.snapshot_dates == [*ends[1:], date(2024, 4, 15)]
    assert bounded.month_ends == ends[1:]
    at_month_end = load({"as_of_date": "2024-02-29"}, **rows)
    assert at_month_end.snapshot_dates == at_month_end.month_ends == ends[:2]


def test_weeks_months_and_quarters():
    monday, sunday = load(), load({"week_start": "sunday"})
    day = date(2024, 3, 3)
    assert monday.week_start(day) == date(2024, 2, 26)
    assert sunday.week_start(day) == day
    assert monday.month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert monday.month_end(date(2023, 12, 31)) == date(2023, 12, 31)
    assert monday.quarter_start(date(2024, 12, 31)) == date(2024, 10, 1)


def test_activity_days_start_at_entry_and_follow_the_settings():
    tables = {
        "users": [user("u1", "2024-01-10")],
        "orders": [
            order("o1", "2024-01-05", status="created"),
            order("o2", "2024-01-20T10:00"),
            order("o3", "2024-01-20T09:00"),
        ],
        "logins": [login("l1", "2024-01-04"), login("l2", "2024-01-07")],
        "events": [event("e1")],
    }
    shop = load({"churn_activity": ["event"]}, **tables)
    assert shop.customers["u1"]["entry_date"] == date(2024, 1, 5)
    assert shop.activity_days == {"u1": [date(2024, 1, 7), date(2024, 1, 20)]}
    assert shop.login_days == {"u1": [date(2024, 1, 7)]}
    assert shop.order_days == {"u1": [date(2024, 1, 20)]}
    assert shop.churn_days == {"u1": [date(2024, 2, 3)]}
    assert [row["order_id"] for row in shop.valid_orders["u1"]] == ["o3", "o2"]


def test_a_membership_is_dated_in_the_business_zone():
    rows = [
        user("u1", member_since="2024-01-05T23:30Z"),
        user("u2", member_since="2024-01-05"),
    ]
    shop = load(
        {"business_timezone": "Europe/Berlin", "as_of_date": "2024-01-10"}, users=rows
    )
    members = [row["member_since"] for row in shop.customers.values()]
    assert members == [date(2024, 1, 6), date(2024, 1, 5)]


# Audit


def test_every_input_is_reconciled_also_an_absent_one():
    shop = load(logins=[login("l1"), login("l1"), login(None)])
    tables = audit.tables(shop)
    rows = {row["input_name"]: row for row in tables["audit_input_reconciliation"]}
    assert len(rows) == 16
    assert all(
        r["raw_count"] == r["accepted_count"] + r["rejected_count"]
        for r in rows.values()
    )
    assert rows["logins"] == {
        "input_name": "logins",
        "raw_count": 3,
        "accepted_count": 1,
        "rejected_count": 2,
        "ignored_after_as_of_count": 0,
        "first_date": date(2024, 2, 1),
        "last_date": date(2024, 2, 1),
        "days_since_last_row": 0,
    }
    assert rows["users"]["days_since_last_row"] == 31
    assert rows["refunds"]["raw_count"] == 0
    assert rows["refunds"]["last_date"] is None
    assert sorted(row["reason_code"] for row in tables["audit_rejected_rows"]) == [
        "duplicate_key",
        "null_key",
    ]


def test_a_folder_of_csv_files_is_a_shop(tmp_path):
    (tmp_path / "raw_users.csv").write_text("user_id,registered_at\nu1,2024-01-01\n")
    (tmp_path / "raw_logins.csv").write_text("user_id,login_at\nu1,2024-01-02\n")
    (tmp_path / "raw_orders.csv").write_text("order_id\n")
    shop = load_shop(tmp_path, Settings.from_vars({"future_cutoff_at": CUTOFF}))
    assert shop.activity_days == {"u1": [date(2024, 1, 2)]}


# Settings


def test_settings_read_project_variables():
    settings = Settings.from_vars(
        {
            "as_of_date": "2024-02-29",
            "future_cutoff_at": "2024-03-01T00:00",
            "input_timezone": "Europe/Berlin",
            "activity_types": "login",
            "rfm_weights": [2, 1, 1],
            "high_value_min_aov": 199.99,
            "refund_reverses_cost": "false",
            "raw_schema": "somewhere",
        }
    )
    assert settings.as_of_date == date(2024, 2, 29)
    assert settings.future_cutoff_at == datetime(2024, 2, 29, 23, tzinfo=UTC)
    assert settings.activity_types == ("login",)
    assert settings.rfm_weights == (2.0, 1.0, 1.0)
    assert settings.high_value_min_aov == Decimal("199.99")
    assert settings.refund_reverses_cost is False
    assert Settings.from_vars({}) == Settings()
    assert Settings.from_vars({"rfm_window_days": None}).rfm_window_days is None
    with pytest.raises(ValueError, match="churn_after_days"):
        Settings.from_vars({"churn_after_days": None})


def test_the_defaults_are_those_of_the_project():
    project = Path(__file__).resolve().parents[2] / "dbt_project.yml"
    project_vars = yaml.safe_load(project.read_text(encoding="utf-8"))["vars"]
    assert Settings.from_vars(project_vars) == Settings()
