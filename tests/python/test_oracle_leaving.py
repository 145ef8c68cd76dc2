"""Who is about to leave: the oracle against examples and boundaries of R-10 to R-15."""

import random
from datetime import date, timedelta
from decimal import Decimal

import pytest
from oracle import leaving, retention
from oracle.shop import Settings, load_shop

DAY = timedelta(days=1)
THIN = {
    "profile_completion_pct": "49.9",
    "friend_count": "2",
    "contacts_imported": "false",
}


def day(text):
    return date.fromisoformat(text)


def a_user(user_id, registered, **columns):
    return {"user_id": user_id, "registered_at": str(registered), **columns}


def a_shop(as_of, users=(), logins=(), orders=(), contacts=(), **settings):
    """A loaded shop; users, logins and contacts are (user, day), orders too."""
    inputs = {
        "users": [u if isinstance(u, dict) else a_user(*u) for u in users],
        "logins": [
            {"login_id": str(n), "user_id": user, "login_at": str(on)}
            for n, (user, on) in enumerate(logins)
        ],
        "orders": [
            {
                "order_id": str(n),
                "user_id": user,
                "ordered_at": str(on),
                "status": "paid",
                "gross_amount": "10",
            }
            for n, (user, on) in enumerate(orders)
        ],
        "contacts": [
            {
                "contact_id": str(n),
                "user_id": user,
                "channel": "push",
                "sent_at": str(on),
            }
            for n, (user, on) in enumerate(contacts)
        ],
    }
    return load_shop(inputs, Settings(as_of_date=day(as_of), **settings))


def pick(rows, **key):
    """The one row with these column values."""
    (row,) = [r for r in rows if all(r[name] == key[name] for name in key)]
    return row


#


@pytest.mark.parametrize(
    ("sent", "count"),
    [("2024-03-10", 0), ("2024-03-11", 1), ("2024-03-17", 1), ("2024-03-18", 0)],
)
def test_a_return_after_a_contact_is_the_campaigns(sent, count):
    users = [("u", "2024-01-01"), ("other", "2024-01-01")]
    logins = [("u", "2024-01-05"), ("u", "2024-03-17")]
    contacts = [("u", sent), ("other", "2024-03-17")]
    shop = a_shop("2024-03-31", users, logins, contacts=contacts)
    rows = retention.tables(shop)["fct_churn_daily"]
    returned = pick(rows, date_day=day("2024-03-17"))
    assert returned["returned_count"] == 1
    assert returned["campaign_returned_count"] == count
    assert sum(row["campaign_returned_count"] for row in rows) == count


def test_a_return_after_two_contacts_is_one_return():
    logins = [("u", "2024-01-05"), ("u", "2024-03-17")]
    contacts = [("u", "2024-03-16"), ("u", "2024-03-17")]
    shop = a_shop("2024-03-31", [("u", "2024-01-01")], logins, contacts=contacts)
    rows = retention.tables(shop)["fct_churn_daily"]
    assert sum(row["campaign_returned_count"] for row in rows) == 1


#


def curve(*args, **settings):
    return leaving.threshold_curve(a_shop(*args, **settings))


def test_a_spell_needs_room_for_the_return():
    # The entry is the only spell: s + n + H <= D* up to n = 30.
    rows = curve("2024-03-31", [("u", "2024-01-01")], threshold_min_spells=1)
    assert len(rows) == 180
    assert [row["spell_count"] for row in rows[:31]] == [1] * 30 + [0]
    assert rows[29]["return_rate"] == 0.0
    assert rows[30]["return_rate"] is None
    assert [row["idle_days"] for row in rows if row["is_recommended"]] == [1]


def test_entry_and_activity_of_one_day_are_one_spell():
    rows = curve("2024-06-30", [("u", "2024-01-01")], [("u", "2024-01-01 12:00")])
    assert rows[0]["spell_count"] == 1


@pytest.mark.parametrize(
    ("back", "spells", "returned"),
    [(10, 0, 0), (11, 1, 1), (30, 1, 1), (31, 1, 0)],
)
def test_silence_and_return_are_open_at_their_start(back, spells, returned):
    first = day("2024-01-01")
    rows = curve(
        "2024-02-05",  # the second spell is too young for n = 10
        [("u", first)],
        [("u", first + back * DAY)],
        threshold_return_horizon_days=20,
    )
    row = pick(rows, idle_days=10)
    assert (row["spell_count"], row["returned_count"]) == (spells, returned)


def test_few_spells_have_no_rate_and_recommend_nothing():
    users = [(f"u{n}", "2024-01-01") for n in range(3)]
    args = ("2024-06-30", users)
    assert curve(*args, threshold_min_spells=3)[0]["return_rate"] == 0.0
    rows = curve(*args, threshold_min_spells=4)
    assert rows[0]["spell_count"] == 3
    assert {row["return_rate"] for row in rows} == {None}
    assert not any(row["is_recommended"] for row in rows)


@pytest.mark.parametrize(("limit", "recommended"), [("0.25", []), ("0.2501", [1])])
def test_the_limit_is_strict(limit, recommended):
    users = [(f"u{n}", "2024-01-01") for n in range(4)]
    rows = curve(
        "2024-01-30",
        users,
        [("u0", "2024-01-20")],
        threshold_return_horizon_days=20,
        threshold_max_days=1,
        threshold_min_spells=1,
        threshold_return_probability=Decimal(limit),
    )
    assert rows[0]["return_rate"] == 0.25
    assert [row["idle_days"] for row in rows if row["is_recommended"]] == recommended


@pytest.mark.parametrize("seed", range(3))
def test_the_curve_is_its_definition(seed):
    dice = random.Random(seed)
    first = day("2024-01-01")
    users = [(f"u{n}", first + dice.randrange(60) * DAY) for n in range(8)]
    logins = [
        (dice.choice(users)[0], first + dice.randrange(120) * DAY) for _ in range(80)
    ]
    settings = {
        "threshold_return_horizon_days": 15,
        "threshold_max_days": 40,
        "threshold_min_spells": 5,
        "threshold_return_probability": Decimal("0.6"),
    }
    shop = a_shop("2024-04-20", users, logins, **settings)
    rows = leaving.threshold_curve(shop)
    found = []
    for n in range(1, 41):
        spells = returned = 0
        for customer, known in shop.customers.items():
            active = set(shop.churn_days[customer])
            for start in active | {known["entry_date"]}:
                if start + (n + 15) * DAY > shop.as_of_date:
                    continue
                if any(start + k * DAY in active for k in range(1, n + 1)):
                    continue
                spells += 1
                returned += any(start + k * DAY in active for k in range(n + 1, n + 16))
        found.append((n, spells, returned))
    columns = ("idle_days", "spell_count", "returned_count")
    assert [tuple(row[c] for c in columns) for row in rows] == found
    good = [n for n, s, r in found if s >= 5 and r / s < 0.6]
    assert [r["idle_days"] for r in rows if r["is_recommended"]] == good[:1]


#


def test_the_interval_of_24_of_30():
    low, high = leaving.wilson(24, 30)
    assert (round(low, 4), round(high, 4)) == (0.6269, 0.9049)
    assert leaving.wilson(0, 0) == (None, None)
    assert leaving.wilson(0, 5)[0] == pytest.approx(0, abs=1e-12)
    assert leaving.wilson(5, 5)[1] == pytest.approx(1)


def thin_shop(members, churned, others=(), **settings):
    """Thin profiles, observed on 31 January; the last of them come back in time."""
    users = [a_user(f"u{n:02}", "2024-01-15", **THIN) for n in range(members)]
    logins = [(f"u{n:02}", "2024-02-10") for n in range(churned, members)]
    return a_shop("2024-03-01", [*users, *others], logins, **settings)


def test_24_of_30_are_the_leaf_of_the_own_rule():
    (row,) = leaving.churn_rules(thin_shop(30, 24))
    assert row == {
        "rule_id": "thin_profile",
        "condition": "profile_completion_pct < 50 and friend_count < 3"
        " and contacts_imported = false",
        "support_count": 30,
        "churned_count": 24,
        "churn_probability": 0.8,
        "churn_probability_low": pytest.approx(0.6269, abs=5e-5),
        "churn_probability_high": pytest.approx(0.9049, abs=5e-5),
        "base_rate": 0.8,
        "lift": 1.0,
        "is_low_support": False,
        "train_support_count": 0,
        "train_churn_probability": None,
        "train_lift": None,
        "test_observation_date": day("2024-01-31"),
        "test_support_count": 30,
        "test_churn_probability": 0.8,
        "test_lift": 1.0,
    }


def test_29_members_are_few():
    (row,) = leaving.churn_rules(thin_shop(29, 24))
    assert row["is_low_support"] is True


def test_lift_compares_with_the_whole_population():
    # Four of the five of the rule leave, and four of ten in all.
    others = [(f"v{n}", "2024-01-15") for n in range(5)]
    users = [a_user(f"u{n}", "2024-01-15", **THIN) for n in range(5)]
    logins = [(f"v{n}", "2024-02-10") for n in range(5)] + [("u4", "2024-03-01")]
    (row,) = leaving.churn_rules(a_shop("2024-03-01", [*users, *others], logins))
    assert row["churn_probability"] == 0.8
    assert row["base_rate"] == 0.4
    assert row["lift"] == 2.0


@pytest.mark.parametrize(
    ("change", "matches"),
    [
        ({}, True),
        ({"profile_completion_pct": "50"}, False),
        ({"profile_completion_pct": None}, False),
        ({"friend_count": "3"}, False),
        ({"friend_count": None}, False),
        ({"contacts_imported": "true"}, False),
        ({"contacts_imported": None}, False),
    ],
)
def test_every_row_of_a_rule_must_hold_and_null_fails(change, matches):
    users = [a_user("u", "2024-01-15", **(THIN | change))]
    (row,) = leaving.churn_rules(a_shop("2024-03-01", users))
    assert row["support_count"] == matches
    assert row["churn_probability"] == (1.0 if matches else None)


@pytest.mark.parametrize(
    ("as_of", "back", "support", "churned"),
    [
        ("2024-02-29", None, 0, 0),  # 30 dates after 31 January are not over
        ("2024-03-01", None, 1, 1),
        ("2024-03-01", "2024-01-31", 1, 1),  # activity on O is not after O
        ("2024-03-01", "2024-02-01", 1, 0),
        ("2024-03-01", "2024-03-01", 1, 0),
        ("2024-03-02", "2024-03-02", 1, 1),
    ],
)
def test_the_label_looks_at_30_dates_after_the_observation(
    as_of, back, support, churned
):
    logins = [("u", back)] if back else []
    shop = a_shop(as_of, [a_user("u", "2024-01-15", **THIN)], logins)
    (row,) = leaving.churn_rules(shop)
    assert (row["support_count"], row["churned_count"]) == (support, churned)


@pytest.mark.parametrize(
    ("registered", "support"),
    [("2024-01-01", 1), ("2023-12-31", 0)],  # idle 30 and 31 days on 31 January
)
def test_the_churned_are_no_population(registered, support):
    shop = a_shop("2024-03-01", [a_user("u", registered, **THIN)], snapshot_months=2)
    (row,) = leaving.churn_rules(shop)
    days = [each.day for each in leaving.observations(shop)]
    assert row["support_count"] == support
    assert (day("2024-01-31") in days) is bool(support)


def test_the_last_mature_date_is_the_test():
    users = [a_user(f"u{n}", "2024-01-15", **THIN) for n in range(4)]
    # Three of four leave after January, one of the four after February.
    logins = [("u3", "2024-02-10")] + [(f"u{n}", "2024-03-02") for n in range(3)]
    logins += [("u3", "2024-03-05")]
    # In February three are idle for 45 days: churned, so only u3 is observed.
    shop = a_shop("2024-03-30", users, logins)
    (row,) = leaving.churn_rules(shop)
    assert (row["support_count"], row["churned_count"]) == (5, 3)
    assert (row["train_support_count"], row["train_churn_probability"]) == (4, 0.75)
    assert row["test_observation_date"] == day("2024-02-29")
    assert (row["test_support_count"], row["test_churn_probability"]) == (1, 0.0)
    assert row["test_lift"] is None
    assert row["base_rate"] == 0.6


def test_a_rule_nobody_matches_keeps_its_row():
    (row,) = leaving.churn_rules(a_shop("2024-03-01", [("u", "2024-01-15")]))
    assert (row["support_count"], row["churned_count"]) == (0, 0)
    assert row["churn_probability"] is None
    assert row["lift"] is None
    assert row["base_rate"] == 1.0
    assert row["is_low_support"] is True


FEATURES = {
    "tenure_days": "30",  # entered on 1 January
    "idle_days": "1",
    "login_count_7d": "2",  # 25 and 30 January
    "login_count_30d": "3",  # 2 January too
    "order_count_30d": "1",
    "order_count_365d": "1",
}


@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize(
    ("operator", "shift", "holds"),
    [
        ("=", 0, True),
        ("=", 1, False),
        ("<", 0, False),
        ("<", 1, True),
        ("<=", 0, True),
        ("<=", -1, False),
        (">=", 0, True),
        (">=", 1, False),
        (">", 0, False),
        (">", -1, True),
    ],
)
def test_features_and_operators(feature, operator, shift, holds):
    value = str(int(FEATURES[feature]) + shift)
    shop = a_shop(
        "2024-03-01",
        [("u", "2024-01-01")],
        # The first is just outside of 30 dates, the last not seen yet.
        [("u", f"2024-{d}") for d in ("01-01", "01-02", "01-25", "01-30", "02-01")],
        [("u", "2024-01-02")],
        risk_rules=(("r", feature, operator, value),),
    )
    first = leaving.observations(shop)[0]
    assert first.day == day("2024-01-31")
    assert bool(first.rules) is holds


def test_days_past_their_window_leave_the_counts():
    rules = tuple((f"{f} {v}", f, "=", v) for f, v in FEATURES.items())
    shop = a_shop(
        "2024-03-01",
        [("u", "2024-01-01")],
        [("u", "2024-01-24")],  # W(31 January, 7) begins on the 25th
        [("u", "2024-01-01")],  # W(31 January, 30) begins on the 2nd
        risk_rules=(("a", "login_count_7d", "=", "0"), *rules)
        + (("b", "order_count_30d", "=", "0"), ("c", "order_count_365d", "=", "1")),
    )
    assert {"a", "b", "c"} <= leaving.observations(shop)[0].rules


def test_conditions_are_written_in_the_order_of_the_features():
    rules = (
        ("r", "tenure_days", ">", "7"),
        ("r", "idle_days", ">=", "3"),
        ("r", "idle_days", "<", "20"),
        ("a", "idle_days", "=", "0"),
    )
    shop = a_shop("2024-03-01", [("u", "2024-01-01")], risk_rules=rules)
    assert [row["condition"] for row in leaving.churn_rules(shop)] == [
        "idle_days = 0",
        "tenure_days > 7 and idle_days < 20 and idle_days >= 3",
    ]


#


def test_24_of_30_are_listed_and_23_of_29_are_not():
    rows = leaving.churn_risks(thin_shop(30, 24))
    listed = [row["customer_id"] for row in rows if row["is_at_risk"]]
    # The others have left already.
    assert listed == [f"u{n}" for n in range(24, 30)]
    row = pick(rows, customer_id="u24")
    assert (row["rule_id"], row["churn_probability"]) == ("thin_profile", 0.8)
    assert row["support_count"] == 30
    assert row["churn_probability_low"] == pytest.approx(0.6269, abs=5e-5)
    gone = pick(rows, customer_id="u00")
    assert (gone["rule_id"], gone["churn_probability"]) == (None, None)
    assert (gone["support_count"], gone["churn_probability_high"]) == (None, None)
    assert not any(r["is_at_risk"] for r in leaving.churn_risks(thin_shop(29, 23)))


def test_without_a_mature_date_nobody_is_listed():
    shop = a_shop("2024-02-10", [a_user("u", "2024-01-15", **THIN)])
    assert [row["is_at_risk"] for row in leaving.churn_risks(shop)] == [False]


def test_the_highest_probability_counts_and_a_tie_takes_the_smallest_id():
    rules = (
        ("b", "friend_count", "<", "3"),
        ("a", "friend_count", "<", "3"),
        ("c", "tenure_days", ">=", "0"),
        ("d", "profile_completion_pct", "<", "50"),
    )
    users = [
        a_user("gone", "2024-01-15", friend_count="0"),
        a_user("stays", "2024-01-15", profile_completion_pct="1"),
        a_user("new", "2024-02-20", friend_count="0", profile_completion_pct="1"),
    ]
    shop = a_shop(
        "2024-03-01",
        users,
        [("stays", "2024-02-15")],
        risk_rules=rules,
        risk_probability_min=Decimal("0.5"),
    )
    assert {r: leaf.probability for r, leaf in leaving.listed_rules(shop).items()} == {
        "a": 1,
        "b": 1,
        "c": Decimal("0.5"),
    }
    assert leaving.risk_list(shop) == {"new": "a", "stays": "c"}


#


def weeks_of(counts, first="2024-03-04"):
    """Logins of "u": so many in the week of `first` (a monday), the next and so on."""
    start = day(first)
    return [
        ("u", f"{start + week * 7 * DAY} 10:{minute:02}")
        for week, count in enumerate(counts)
        for minute in range(count)
    ]


def risk_row(as_of, counts, registered="2024-03-04", **settings):
    shop = a_shop(as_of, [("u", registered)], weeks_of(counts), **settings)
    (row,) = leaving.churn_risks(shop)
    return row


def test_20_5_1_declines():
    row = risk_row("2024-03-24", (20, 5, 1))
    assert (row["first_drop_rate"], row["second_drop_rate"]) == (0.75, 0.8)
    assert row["total_drop_rate"] == 0.95
    assert row["login_count_slope"] == -9.5
    assert row["is_activity_declining"] is True
    assert row["first_week_login_count"] == 20
    assert row["second_week_login_count"] == 5
    assert row["third_week_login_count"] == 1


@pytest.mark.parametrize(
    ("counts", "is_declining"),
    [
        ((20, 15, 10), True),
        ((20, 15, 11), False),
        ((20, 20, 5), False),
        ((20, 5, 5), False),
        ((3, 2, 0), True),
        ((1, 0, 0), False),
        ((0, 0, 0), False),
    ],
)
def test_decline_is_strict_and_halves(counts, is_declining):
    assert risk_row("2024-03-24", counts)["is_activity_declining"] is is_declining


def test_a_week_of_zero_has_no_drop_after_it():
    row = risk_row("2024-03-24", (0, 4, 2))
    assert (row["first_drop_rate"], row["total_drop_rate"]) == (None, None)
    assert row["second_drop_rate"] == 0.5


def test_only_complete_weeks_count():
    counts = (20, 5, 1, 9)
    assert risk_row("2024-03-30", counts)["first_week_login_count"] == 20
    row = risk_row("2024-03-31", counts)
    assert row["first_week_login_count"] == 5
    assert row["third_week_login_count"] == 9
    # Weeks from sunday on are over on saturday; monday's logins move along.
    row = risk_row("2024-03-23", counts, "2024-03-03", week_start="sunday")
    assert row["third_week_login_count"] == 1


def test_who_is_younger_than_the_three_weeks_has_no_flag():
    row = risk_row("2024-03-24", (20, 5, 1), registered="2024-03-05")
    columns = [c for c in row if c.endswith(("_login_count", "_drop_rate", "_slope"))]
    assert len(columns) == 7
    assert {row[c] for c in (*columns, "is_activity_declining")} == {None}
    assert row["is_at_risk"] is False
    older = risk_row("2024-03-24", (20, 5, 1), registered="2024-03-04 23:59:59")
    assert older["is_activity_declining"] is True


#


def lead_row(as_of, month, *args, **settings):
    rows = leaving.lead_times(a_shop(as_of, *args, **settings))
    return pick(rows, month_start_date=day(month))


def test_decline_warns_before_the_churn():
    # Weeks of 4, 11, 18 March; the last login on 18 March, churned on 18 April.
    users, logins = [("u", "2024-03-04")], weeks_of((20, 5, 1))
    row = lead_row("2024-04-30", "2024-04-01", users, logins)
    assert (row["churned_count"], row["warned_count"]) == (1, 1)
    assert row["warned_share"] == 1.0
    # The first week end with the flag is 24 March (5, 1, 0 is one too, later).
    assert row["median_lead_days"] == 25.0
    march = lead_row("2024-04-30", "2024-03-01", users, logins)
    assert (march["churned_count"], march["warned_count"]) == (0, 0)
    assert (march["warned_share"], march["median_lead_days"]) == (None, None)


@pytest.mark.parametrize(("lookback", "lead"), [(25, 25.0), (24, 18.0), (17, None)])
def test_warnings_are_looked_for_from_the_first_date_of_the_look_back(lookback, lead):
    row = lead_row(
        "2024-04-30",
        "2024-04-01",
        [("u", "2024-03-04")],
        weeks_of((20, 5, 1)),
        lead_time_lookback_days=lookback,
    )
    assert row["median_lead_days"] == lead
    assert row["warned_share"] == (0.0 if lead is None else 1.0)


def test_a_match_of_a_listed_rule_warns():
    # Idle 16 days on 31 January, churned on 15 February: 15 days later.
    shop = a_shop("2024-03-01", [a_user("u", "2024-01-15", **THIN)])
    row = pick(leaving.lead_times(shop), month_start_date=day("2024-02-01"))
    assert (row["warned_count"], row["median_lead_days"]) == (1, 15.0)
    settings = {"lead_time_lookback_days": 14}
    shop = a_shop("2024-03-01", [a_user("u", "2024-01-15", **THIN)], **settings)
    row = pick(leaving.lead_times(shop), month_start_date=day("2024-02-01"))
    assert (row["warned_share"], row["median_lead_days"]) == (0.0, None)


def test_a_rule_below_the_limit_does_not_warn():
    row = pick(
        leaving.lead_times(thin_shop(29, 23)), month_start_date=day("2024-02-01")
    )
    assert (row["churned_count"], row["warned_count"]) == (23, 0)


def test_every_churn_counts_and_the_last_may_be_today():
    users = [("u", "2024-01-01")]
    logins = [("u", "2024-02-10"), ("u", "2024-03-13")]
    shop = a_shop("2024-04-13", users, logins)
    churned = [date(2024, 2, 1), date(2024, 3, 12), date(2024, 4, 13)]
    assert list(leaving.newly_churned(shop)) == [("u", on) for on in churned]
    rows = leaving.lead_times(shop)
    assert [row["churned_count"] for row in rows] == [0, 1, 1, 1]
    assert [row["is_complete"] for row in rows] == [True, True, True, False]
    flows = retention.tables(shop)["fct_churn_daily"]
    assert [r["date_day"] for r in flows if r["newly_churned_count"]] == churned


def test_nobody_is_no_row():
    shop = load_shop({"users": [], "orders": [], "logins": []}, Settings())
    assert set(map(len, leaving.tables(shop).values())) == {0}
