"""The growth oracle against every worked example and boundary of chapter 4."""

from datetime import date, timedelta
from decimal import Decimal
from math import log

import pytest
from oracle import growth
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


def an_event(customer, name, day):
    return {
        "event_id": f"{customer} {name} {day}",
        "user_id": customer,
        "event_name": name,
        "event_at": str(day),
    }


def a_referral(referrer, referee, invited, accepted=None):
    return {
        "referral_id": f"{referrer} {referee} {invited}",
        "referrer_id": referrer,
        "referee_id": referee,
        "invited_at": str(invited),
        "accepted_at": accepted and str(accepted),
    }


def a_spend(day, channel, spend, impressions="0", clicks="0", campaign=""):
    return {
        "spend_date": str(day),
        "channel": channel,
        "campaign": campaign,
        "spend": str(spend),
        "impressions": impressions,
        "clicks": clicks,
    }


def a_shop(
    as_of, users=(), orders=(), logins=(), events=(), referrals=(), spend=(), **settings
):
    """A loaded shop; every input takes rows or the arguments of its builder."""

    def rows(build, given):
        return [row if isinstance(row, dict) else build(*row) for row in given]

    inputs = {
        "users": rows(a_user, users),
        "orders": rows(an_order, orders),
        "logins": [{"user_id": who, "login_at": str(day)} for who, day in logins],
        "events": rows(an_event, events),
        "referrals": rows(a_referral, referrals),
        "marketing_spend": rows(a_spend, spend),
    }
    return load_shop(inputs, Settings(as_of_date=date.fromisoformat(as_of), **settings))


def table(name, *args, spans=(), **kwargs):
    return growth.tables(a_shop(*args, **kwargs), list(spans))[name]


def pick(rows, **key):
    """The one row with these column values."""
    (row,) = [r for r in rows if all(r[name] == key[name] for name in key)]
    return row


# G-03, G-04


def a_span(customer, stage, valid_from, valid_to=None, segmentation="AIPL"):
    return {
        "segmentation": segmentation,
        "customer_id": customer,
        "segment": stage,
        "valid_from": date.fromisoformat(valid_from),
        "valid_to": valid_to and date.fromisoformat(valid_to),
        "is_current": valid_to is None,
    }


def moves(count, before, after):
    """`count` customers in one stage until 28 February 2023 and in another after."""
    for i in range(count):
        customer = f"{before}{after}{i}"
        if before != after:
            yield a_span(customer, before, "2023-01-31", "2023-03-01")
            yield a_span(customer, after, "2023-03-01")
        else:
            yield a_span(customer, before, "2023-01-31")


def fast_rows(spans=(), as_of="2023-03-31", users=None, **kwargs):
    users = users if users is not None else [("u", "2023-01-31")]
    return table("rpt_fast_index", as_of, users, spans=spans, **kwargs)


def test_fertility_is_125_and_counts_heads_and_weights():
    spans = [*moves(240, "A", "none"), *moves(100, "none", "A")]
    spans += [*moves(50, "none", "I"), *moves(20, "none", "P"), *moves(10, "none", "L")]
    first, second, third = fast_rows(spans)
    assert (first["fertility_count"], first["fertility_weighted_count"]) == (240, 240)
    assert (third["fertility_count"], third["fertility_weighted_count"]) == (180, 300)
    indices = [row["fertility_index"] for row in (first, second, third)]
    assert indices == [100.0, 100.0, 125.0]


def test_advancing_of_14_in_180_customers():
    spans = [
        *moves(9, "A", "I"),
        *moves(4, "I", "P"),
        *moves(1, "A", "L"),
        *moves(120, "A", "A"),
        *moves(40, "P", "I"),
        *moves(6, "L", "none"),
        *moves(30, "none", "L"),
        a_span("late", "L", "2023-03-05"),
    ]
    first, second, third = fast_rows(spans)
    assert third["advancing_rate"] == pytest.approx(14 / 180)
    assert third["advancing_weighted_rate"] == pytest.approx(16 / 3 / 180)
    assert (third["start_date"], third["is_complete"]) == (date(2023, 2, 28), True)
    assert second["advancing_rate"] == second["advancing_weighted_rate"] == 0.0
    assert first["start_date"] is first["advancing_rate"] is None
    assert first["is_complete"]


def test_a_row_that_is_no_whole_month_has_no_advancing():
    spans = [*moves(1, "A", "L")]
    rows = fast_rows(spans, "2023-03-30")
    assert [row["snapshot_date"].day for row in rows] == [31, 28, 30]
    assert not rows[2]["is_complete"]
    assert rows[2]["advancing_rate"] is rows[2]["advancing_weighted_rate"] is None
    assert rows[2]["fertility_index"] == 400.0
    (only,) = fast_rows((), "2023-02-01", users=[("u", "2023-02-01")])
    assert not only["is_complete"]
    assert only["fertility_index"] is only["thriving_rate"] is None


def test_the_base_date_can_be_set_and_must_be_a_snapshot():
    spans = [
        a_span("u", "A", "2023-01-31", "2023-02-05"),
        a_span("u", "L", "2023-02-05"),
    ]
    rows = fast_rows(spans, fast_base_date=date(2023, 2, 28))
    assert [row["fertility_index"] for row in rows] == [25.0, 100.0, 100.0]
    with pytest.raises(ValueError, match="not a snapshot date"):
        fast_rows(spans, fast_base_date=date(2023, 2, 27))


def test_other_segmentations_do_not_count():
    assert (
        fast_rows([a_span("u", "A", "2023-01-31", segmentation="AIPLA")])[0][
            "fertility_count"
        ]
        == 0
    )


def test_thriving_of_30_in_40_super_users_is_075():
    users = [
        a_user(f"u{i}", "2023-01-31", member_since="2023-03-31") for i in range(40)
    ]
    events = [(f"u{i}", "like", "2023-03-31") for i in range(30)]
    events += [(f"u{i}", "view", "2023-03-31") for i in range(30, 40)]
    rows = fast_rows(users=users, events=events, logins=[("u35", "2023-03-31")])
    assert rows[1]["superiority_count"] == 0
    assert rows[1]["thriving_rate"] is None
    assert rows[1]["superiority_index"] == 0.0
    assert rows[2]["superiority_count"] == 40
    assert rows[2]["thriving_rate"] == 0.75
    assert rows[2]["superiority_index"] == 100.0


@pytest.mark.parametrize(("idle", "rate"), [(179, 1.0), (180, 0.0)])
def test_thriving_looks_back_180_days(idle, rate):
    end = date(2023, 12, 31)
    user = a_user("u", "2023-01-01", member_since="2023-01-02")
    rows = fast_rows(
        users=[user], as_of="2023-12-31", events=[("u", "review", end - idle * DAY)]
    )
    assert rows[-1]["thriving_rate"] == rate


def super_weight(end="2023-12-31", users=None, **kwargs):
    users = users or [("u", "2022-01-01"), ("v", "2022-01-01"), ("w", "2022-01-01")]
    row = fast_rows(users=users, as_of=end, **kwargs)[-1]
    return row["superiority_count"], row["superiority_weighted_count"]


def test_super_user_criteria_and_their_windows():
    inside, outside = date(2023, 1, 1), date(2022, 12, 31)
    follow = [("u", "follow", inside)]
    assert super_weight() == (0, 0)
    assert super_weight(events=follow) == (1, 1)
    assert super_weight(events=[("u", "follow", outside)]) == (0, 0)
    assert super_weight(orders=[("u", inside, "5000.00")]) == (1, 2)
    assert super_weight(orders=[("u", inside, "4999.99")]) == (0, 0)
    assert super_weight(orders=[("u", outside, "9000.00")]) == (0, 0)
    shares = [("u", "share", inside + i * DAY) for i in range(3)]
    assert super_weight(events=shares[:2]) == (0, 0)
    assert super_weight(events=shares) == (1, 2)
    assert super_weight(events=follow + shares) == (1, 2)
    sent = date(2022, 2, 1)
    users = [("u", "2022-01-01"), ("v", "2022-06-01")]
    for accepted, found in ((inside, (1, 2)), (outside, (0, 0)), (None, (0, 0))):
        referrals = [("u", "v", sent, accepted)]
        assert super_weight(users=users, referrals=referrals) == found
    member = a_user("u", "2022-01-01", member_since="2021-05-01")
    assert super_weight(users=[member]) == (1, 1)
    assert super_weight(users=[member], events=[*follow, *shares]) == (1, 2)


def test_super_users_see_refunds_only_from_their_date_on():
    orders = [an_order("u", "2023-01-10", "5000.00", order_id="o")]
    refund = {
        "refund_id": "r",
        "order_id": "o",
        "refunded_at": "2023-02-01",
        "amount": "0.01",
    }
    inputs = {
        "users": [a_user("u", "2023-01-01")],
        "orders": orders,
        "logins": [],
        "refunds": [refund],
    }
    shop = load_shop(inputs, Settings(as_of_date=date(2023, 2, 28)))
    rows = growth.tables(shop, [])["rpt_fast_index"]
    assert [row["superiority_count"] for row in rows] == [1, 0]


# G-05, G-06


def test_k_is_13_when_half_share_and_each_brings_26():
    # the example divided by a thousand: 10 new, 5 share, 13 brought
    users = [(f"u{i}", "2023-03-01") for i in range(10)]
    users += [(f"new{i}", "2023-05-01") for i in range(13)]
    referrals = [
        (f"u{i % 5}", f"new{i}", "2023-03-02", "2023-03-31") for i in range(13)
    ]
    rows = table("rpt_viral_growth", "2023-05-30", users, referrals=referrals)
    row = pick(rows, cohort_month=date(2023, 3, 1), channel="all")
    assert row["registered_count"] == 10
    assert (row["sharing_customer_count"], row["share_rate"]) == (5, 0.5)
    assert (row["invite_count"], row["invites_per_sharer"]) == (13, 2.6)
    assert (row["accepted_count"], row["acceptance_rate"]) == (13, 1.0)
    assert row["k_factor"] == pytest.approx(1.3)
    assert row["viral_cycle_days"] == 30.0
    lone = pick(rows, cohort_month=date(2023, 4, 1), channel="all")
    assert lone["is_mature"] and lone["registered_count"] == 0
    assert lone["k_factor"] is lone["share_rate"] is None
    young = pick(rows, cohort_month=date(2023, 5, 1), channel="all")
    assert not young["is_mature"] and young["registered_count"] == 13
    assert young["k_factor"] is young["share_rate"] is None


def viral_row(referrals, as_of="2023-04-30", channel="all"):
    users = [("u", "2023-03-01"), ("v", "2023-03-05"), ("w", "2023-03-31")]
    rows = table("rpt_viral_growth", as_of, users, referrals=referrals)
    return pick(rows, cohort_month=date(2023, 3, 1), channel=channel)


def test_cycle_time_of_day_1_and_day_7_is_4():
    row = viral_row(
        [("u", "v", "2023-03-01", "2023-03-02"), ("u", "w", "2023-03-01", "2023-03-08")]
    )
    assert row["viral_cycle_days"] == 4.0
    assert row["k_factor"] == pytest.approx(2 / 3)


def test_invitations_and_acceptances_count_up_to_30_days_after_registration():
    late = viral_row([("u", "w", "2023-03-01", "2023-04-01")])
    assert (late["invite_count"], late["accepted_count"]) == (1, 0)
    assert (late["k_factor"], late["acceptance_rate"]) == (0.0, 0.0)
    assert late["viral_cycle_days"] is None
    last_day = viral_row([("u", "w", "2023-03-31", "2023-03-31")])
    assert (last_day["invite_count"], last_day["accepted_count"]) == (1, 1)
    beyond = viral_row([("u", "w", "2023-04-01", "2023-04-01")])
    assert (beyond["invite_count"], beyond["sharing_customer_count"]) == (0, 0)


def test_without_sharers_k_is_0_and_inner_ratios_are_unknown():
    row = viral_row([])
    assert (row["k_factor"], row["share_rate"]) == (0.0, 0.0)
    assert row["invites_per_sharer"] is row["acceptance_rate"] is None
    assert row["viral_cycle_days"] is None


def test_a_cohort_is_mature_30_days_after_its_last_date():
    referral = ("u", "v", "2023-03-01", "2023-03-02")
    assert viral_row([referral], "2023-04-30")["is_mature"]
    young = viral_row([referral], "2023-04-29")
    assert not young["is_mature"] and young["accepted_count"] == 1
    assert young["k_factor"] is young["viral_cycle_days"] is None


def test_pending_invitations_count_as_invitations():
    row = viral_row([("u", None, "2023-03-01"), ("u", "v", "2023-03-01", "2023-05-01")])
    assert (row["invite_count"], row["accepted_count"]) == (2, 0)


def test_viral_growth_by_channel_of_the_referrer():
    users = [
        a_user("u", "2023-03-01", channel="ads"),
        a_user("v", "2023-03-02", channel="seo"),
    ]
    rows = table(
        "rpt_viral_growth",
        "2023-04-30",
        users,
        referrals=[("u", "v", "2023-03-01", "2023-03-02")],
    )
    got = {
        row["channel"]: row["k_factor"]
        for row in rows
        if row["cohort_month"] == date(2023, 3, 1)
    }
    assert got == {"all": 0.5, "ads": 1.0, "seo": 0.0}


# G-07

CUSTS = {
    0: (10_000, 0),
    2: (16_074.27, 6_074.27),
    4: (23_000, 13_000),
    8: (39_900, 29_900),
    12: (61_870, 51_870),
    16: (90_431, 80_431),
    20: (127_560.3, 117_560.3),
    24: (175_828.39, 165_828.39),
    28: (238_576.907, 228_576.907),
}


@pytest.mark.parametrize(("day", "custs"), CUSTS.items())
def test_projection_table_of_10000_seeds(day, custs):
    total = growth.projected_total(10_000, 1.3, 4.0, day)
    assert total == pytest.approx(custs[0], abs=0.005)
    assert total - 10_000 == pytest.approx(custs[1], abs=0.005)


def test_projection_edges():
    assert growth.projected_total(100, 0.5, 1.0, 60) == pytest.approx(200)
    assert growth.projected_total(100, 1.0, 4.0, 8) == 300.0
    assert growth.projected_total(100, 1 + 1e-10, 4.0, 8) == pytest.approx(300)
    assert growth.projected_total(100, 2.0, 0.0, 8) is None
    assert growth.projected_total(100, 0.0, None, 8) is None
    limit = int(700 / log(2))
    assert growth.projected_total(1, 2.0, 1.0, limit - 1) is not None
    assert growth.projected_total(1, 2.0, 1.0, limit) is None


def projection(as_of="2023-05-31", referrals=None, **settings):
    users = [("u", "2023-03-01"), ("v", "2023-03-05"), ("w", "2023-05-02")]
    referrals = referrals or [
        ("u", "v", "2023-03-01", "2023-03-02"),
        ("u", "w", "2023-03-01", "2023-03-08"),
    ]
    return table("rpt_viral_projection", as_of, users, referrals=referrals, **settings)


def test_projection_starts_from_the_last_mature_cohort_with_members():
    rows = projection()
    assert [row["day_number"] for row in rows] == list(range(91))
    # K = 2 / 2, ct = 4, two seeds
    assert rows[0] == {
        "day_number": 0,
        "projected_total_count": 2.0,
        "projected_new_count": 0.0,
    }
    assert rows[8]["projected_total_count"] == 6.0
    seeded = projection(viral_seed_count=100, viral_horizon_days=4)
    assert len(seeded) == 5
    assert seeded[4]["projected_total_count"] == 200.0
    assert seeded[4]["projected_new_count"] == 100.0


def test_projection_without_a_mature_cohort_or_a_cycle():
    assert projection("2023-04-29") == []
    same_day = projection(referrals=[("u", "v", "2023-03-01", "2023-03-01")])
    assert len(same_day) == 91
    assert {row["projected_total_count"] for row in same_day} == {None}
    assert {row["projected_new_count"] for row in same_day} == {None}


# G-08, G-09


def test_generations_of_a_chain_of_three():
    users = [(name, f"2023-03-0{i + 1}") for i, name in enumerate("abcdef")]
    referrals = [
        ("a", "b", "2023-03-01", "2023-03-02"),
        ("b", "c", "2023-03-02", "2023-03-03"),
        ("b", "d", "2023-03-02", "2023-03-04"),
        ("d", "e", "2023-03-04", "2023-03-05"),
        ("e", "f", "2023-03-05"),
    ]
    guest = an_order(None, "2023-03-05", order_id="o", guest_email="a@b.c")
    rows = table(
        "rpt_referral_generations", "2023-03-31", users, [guest], referrals=referrals
    )
    got = [(r["generation"], r["customer_count"], r["k_factor"]) for r in rows]
    assert got == [(0, 3, 1 / 3), (1, 1, 2.0), (2, 2, 0.5), (3, 1, 0.0)]
    assert table("rpt_referral_generations", "2023-03-31") == []


def test_referral_periods():
    users = [("a", "2023-02-01"), ("b", "2023-02-02"), ("c", "2023-03-03")]
    users += [("d", "2023-03-04"), ("e", "2023-03-04")]
    referrals = [
        ("a", "c", "2023-03-01", "2023-03-03"),
        ("a", None, "2023-03-02"),
        ("b", "d", "2023-03-01", "2023-04-01"),
    ]
    rows = table(
        "rpt_referral_periods",
        "2023-04-30",
        users,
        logins=[("a", "2023-03-05"), ("c", "2023-03-06"), ("d", "2023-03-06")],
        referrals=referrals,
    )
    march = [date(2023, 3, 1), 2, 2 / 4, 1, 1 / 2, 2 / 3, 0.0]
    assert list(rows[1].values()) == march
    assert list(rows[0].values()) == [date(2023, 2, 1), 0, None, 0, None, 0.0, None]
    assert list(rows[2].values()) == [date(2023, 4, 1), 0, None, 1, 1 / 5, None, 0.0]


# G-11, G-12, G-13


def acquisition(as_of="2023-04-30", channel="all", month="2023-03-01", **kwargs):
    rows = table("rpt_channel_acquisition", as_of, **kwargs)
    return pick(rows, month_start_date=date.fromisoformat(month), channel=channel)


def test_cac_of_165000_for_5500_customers_is_30():
    # the example divided by a hundred
    users = [a_user(f"u{i}", "2023-03-01", channel="ads") for i in range(55)]
    orders = [(f"u{i}", "2023-03-02") for i in range(55)]
    spend = [("2023-03-05", "ads", "1650.00", "10000", "500")]
    row = acquisition(users=users, orders=orders, spend=spend, channel="ads")
    assert row["spend_amount"] == Decimal("1650.00")
    assert (row["new_buyer_count"], row["cac_amount"]) == (55, 30.0)
    assert row["cost_per_registration_amount"] == 30.0
    assert (row["impression_count"], row["click_count"]) == (10_000, 500)
    assert row["click_rate"] == 0.05
    assert row["conversion_rate"] == 55 / 500
    assert row["cost_per_mille_amount"] == 165.0
    assert row["cost_per_click_amount"] == 3.3


def test_paid_blended_and_channel_costs():
    users = [
        a_user("a", "2023-02-27", channel="ads"),
        a_user("b", "2023-03-01", channel="seo"),
    ]
    orders = [("a", "2023-03-02"), ("a", "2023-04-02"), ("b", "2023-03-03")]
    orders.append(an_order(None, "2023-03-04", order_id="g", guest_email="g@h.i"))
    spend = [
        ("2023-03-05", "ads", "30"),
        ("2023-03-31", "tv", "10"),
        ("2023-03-31", "seo", "0"),
        ("2023-02-27", "ads", "7"),
        ("2023-02-26", "ads", "99"),
    ]
    args = {"users": users, "orders": orders, "spend": spend}
    total = acquisition(**args)
    assert (total["spend_amount"], total["new_buyer_count"]) == (Decimal("40.00"), 3)
    assert total["cac_amount"] == pytest.approx(40 / 3)
    paid = acquisition(**args, channel="paid")
    assert (paid["spend_amount"], paid["new_buyer_count"]) == (Decimal("40.00"), 1)
    assert paid["cac_amount"] == 40.0
    assert acquisition(**args, channel="tv")["cac_amount"] is None
    assert acquisition(**args, channel="seo")["cac_amount"] == 0.0
    assert acquisition(**args, channel="unknown")["new_buyer_count"] == 1
    registration = acquisition(**args, cac_basis="registration")
    assert registration["cac_amount"] == 40.0
    assert registration["new_buyer_count"] == 3
    assert acquisition(**args, month="2023-02-01")["spend_amount"] == Decimal("7.00")
    april = acquisition(**args, month="2023-04-01", channel="paid")
    assert (april["spend_amount"], april["cac_amount"]) == (Decimal("0.00"), None)
    assert april["click_rate"] is april["cost_per_mille_amount"] is None
    rows = table("rpt_channel_acquisition", "2023-04-30", **args)
    assert {row["channel"] for row in rows} == {
        "all",
        "paid",
        "ads",
        "seo",
        "tv",
        "unknown",
    }
    assert len(rows) == 3 * 6


def daily_costs(days, spend_of, buyers_of, start=date(2023, 3, 1)):
    """Daily rows of channel ads; spend and new buyers by day number."""
    users = [a_user("first", start, channel="ads")]
    orders, spend = [], []
    for i in range(days):
        day = start + i * DAY
        spend.append((day, "ads", spend_of(i)))
        for j in range(buyers_of(i)):
            users.append(a_user(f"{i}/{j}", day, channel="ads"))
            orders.append((f"{i}/{j}", day))
    as_of = start + (days - 1) * DAY
    return table(
        "rpt_channel_spend_daily",
        as_of.isoformat(),
        users,
        orders,
        spend=[*spend, (start - DAY, "ads", "1000")],
    )


def test_daily_cac_its_trailing_week_and_baseline():
    rows = daily_costs(30, lambda i: 30 + 7 * (i == 29), lambda i: 1)
    assert len(rows) == 30
    assert rows[0]["cac_amount"] == rows[0]["trailing_cac_amount"] == 30.0
    assert (rows[29]["cac_amount"], rows[29]["trailing_cac_amount"]) == (37.0, 31.0)
    # day 20 has the trailing values of days 0 … 13: fourteen of them
    assert rows[19]["baseline_cac_amount"] is None
    assert rows[20]["baseline_cac_amount"] == 30.0


def test_the_baseline_is_the_median_of_days_7_to_34_before():
    rows = daily_costs(50, lambda i: i + 1, lambda i: 1)
    trailing = [row["trailing_cac_amount"] for row in rows]
    window = sorted(trailing[49 - 34 : 49 - 6])
    assert len(window) == 28
    assert rows[49]["baseline_cac_amount"] == (window[13] + window[14]) / 2


def test_days_without_new_customers_have_no_cost():
    rows = daily_costs(30, lambda i: 30, lambda i: int(i % 14 == 0))
    assert rows[1]["cac_amount"] is None
    assert rows[6]["trailing_cac_amount"] == 210.0
    assert rows[7]["trailing_cac_amount"] is None
    # thirteen known costs before day 26, fourteen before day 27
    assert rows[26]["baseline_cac_amount"] is None
    assert rows[27]["baseline_cac_amount"] == 210.0
    assert {row["channel"] for row in rows} == {"ads"}


# Structure


def test_a_shop_without_rows_has_empty_tables():
    tables = growth.tables(a_shop("2023-03-01"), [])
    assert len(tables) == 7
    assert all(not rows for rows in tables.values())
