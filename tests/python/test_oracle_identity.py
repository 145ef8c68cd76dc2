"""The oracle on who is who: every rule of stitching, and the inputs that need it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from linked_shop import MIDDLE, linked_shop
from oracle import audit, core, leaving
from oracle.identity import normalised
from oracle.shop import Shop
from test_oracle_shop import codes, event, load, login, order, referral, refund, user

ONE_EMAIL = "ann@shop.test"


def identity(user_id, id_type, id_value, linked_at="2024-01-01", **cells) -> dict:
    row = {"user_id": user_id, "id_type": id_type, "id_value": id_value}
    return row | {"linked_at": linked_at} | cells


def entry(entry_id, entry_type, points, entry_at="2024-02-01", **cells) -> dict:
    row = {"entry_id": entry_id, "user_id": "u1", "entry_at": entry_at}
    return row | {"entry_type": entry_type, "points": points} | cells


def deal(deal_id="d1", stage_code="lead", amount="100", **cells) -> dict:
    row = {"deal_id": deal_id, "stage_code": stage_code, "amount": amount}
    return row | {"entered_at": "2024-02-01"} | cells


def assignment(user_id="u1", variant="a", **cells) -> dict:
    row = {"experiment_id": "x1", "user_id": user_id, "variant": variant}
    return row | {"assigned_at": "2024-02-01"} | cells


def guest_order(order_id, email=ONE_EMAIL, **cells) -> dict:
    return order(order_id, user_id=None, guest_email=email, **cells)


def joined(shop: Shop) -> dict[str, list[str]]:
    """Customer -> its accounts, the oldest first."""
    return {
        customer_id: [row["user_id"] for row in shop.people.accounts_of(customer_id)]
        for customer_id in shop.customers
    }


def who_is_who(project_vars=None, identities=None, **users) -> dict[str, list[str]]:
    """Customer -> accounts. users: id -> cells; the first registers on 2024-01-01."""
    rows = [
        user(user_id, f"2024-01-{day:02}", **cells)
        for day, (user_id, cells) in enumerate(users.items(), 1)
    ]
    return joined(load(project_vars, users=rows, identities=identities))


# Links


def test_accounts_of_one_email_are_one_customer_whatever_the_case_and_blanks():
    assert who_is_who(b={"email": " ANN@Shop.test "}, a={"email": ONE_EMAIL}) == {
        "b": ["b", "a"]
    }


def test_accounts_of_one_phone_are_one_customer_whatever_stands_between_digits():
    phones = {"b": {"phone": "+49 (30) 12-34"}, "a": {"phone": " 4930 1234 "}}
    assert who_is_who(**phones) == {"b": ["b", "a"]}
    assert len(who_is_who(a={"phone": "+49301234"}, b={"phone": "0049301234"})) == 2


@pytest.mark.parametrize(
    ("id_type", "value", "expected"),
    [
        ("email", " A@B.Test ", "a@b.test"),
        ("email", None, ""),
        ("phone", "+49 30-1", "49301"),
        ("phone", "unknown", ""),
        ("external", "Ab 1", "Ab 1"),
    ],
)
def test_an_identifier_is_compared_in_one_spelling(id_type, value, expected):
    assert normalised(id_type, value) == expected


def test_what_is_missing_links_nobody():
    nothing = {"email": " ", "phone": "n/a"}
    assert len(who_is_who(a=nothing, b=nothing, c={})) == 3


def test_an_email_is_no_phone():
    identities = [identity("b", "phone", "1"), identity("b", "email", "1")]
    assert len(who_is_who(a={"email": "1@1"}, b={}, identities=identities)) == 2
    assert len(who_is_who(a={"email": "1"}, b={}, identities=identities[:1])) == 2
    assert len(who_is_who(a={"email": "1"}, b={}, identities=identities[1:])) == 1


def test_only_identifiers_of_the_types_asked_for_link():
    users = {
        "a": {"email": ONE_EMAIL},
        "b": {"email": ONE_EMAIL, "phone": "1"},
        "c": {"phone": "1"},
    }

    def with_types(*types):
        return who_is_who({"stitch_id_types": list(types)}, **users)

    assert with_types("email", "phone") == {"a": ["a", "b", "c"]}
    assert with_types("email") == {"a": ["a", "b"], "c": ["c"]}
    assert with_types("phone") == {"a": ["a"], "b": ["b", "c"]}
    assert len(with_types()) == 3


@pytest.mark.parametrize(
    ("is_verified", "count"), [("true", 1), ("", 1), ("maybe", 1), ("false", 2)]
)
def test_an_identity_links_if_it_is_verified(is_verified, count):
    rows = [identity("b", "email", "Ann@Shop.TEST", is_verified=is_verified)]
    assert len(who_is_who(a={"email": ONE_EMAIL}, b={}, identities=rows)) == count


@pytest.mark.parametrize("id_type", ["device", "external", "anonymous"])
def test_identities_of_other_types_link_no_accounts(id_type):
    rows = [identity(user_id, id_type, "same") for user_id in "ab"]
    assert len(who_is_who(a={}, b={}, identities=rows)) == 2


def test_who_hangs_together_over_others_is_one_customer():
    assert who_is_who(
        c={"phone": "1"},
        a={"email": ONE_EMAIL},
        d={},
        b={"email": ONE_EMAIL, "phone": "+1"},
    ) == {"c": ["c", "a", "b"], "d": ["d"]}


def test_a_long_chain_is_one_customer():
    numbers = list(range(400))
    names = [f"u{number * 37 % 400:03}" for number in numbers]
    shop = load(
        users=[
            user(names[n], email=f"{n // 2}@x.io", phone=str((n + 1) // 2))
            for n in numbers
        ]
    )
    assert joined(shop) == {"u000": sorted(names)}


# The guard


def sharing(count: int, **cells) -> dict[str, dict]:
    return {f"u{number:02}": {"email": ONE_EMAIL} | cells for number in range(count)}


def test_ten_accounts_share_an_identifier_and_eleven_do_not():
    assert len(who_is_who(**sharing(10))) == 1
    assert len(who_is_who(**sharing(11))) == 11
    assert len(who_is_who({"stitch_max_accounts": 11}, **sharing(11))) == 1
    assert len(who_is_who({"stitch_max_accounts": 1}, **sharing(2))) == 2


def test_an_identifier_that_links_nobody_is_listed():
    shop = load(users=[user(name, **cells) for name, cells in sharing(11).items()])
    ((identifier, accounts),) = shop.people.shared_by_too_many().items()
    assert (identifier, len(accounts)) == (("email", ONE_EMAIL), 11)
    shop = load(users=[user(name, **cells) for name, cells in sharing(10).items()])
    assert shop.people.shared_by_too_many() == {}


def test_the_guard_counts_accounts_not_how_often_they_name_it():
    rows = [
        identity("u00", "email", ONE_EMAIL),
        identity("u00", "email", "ANN@shop.test"),
    ]
    assert len(who_is_who(identities=rows, **sharing(10))) == 1
    rows = [identity("u10", "email", ONE_EMAIL, is_verified="false")]
    assert len(who_is_who(identities=rows, **sharing(10), u10={})) == 2
    rows[0]["is_verified"] = "true"
    assert len(who_is_who(identities=rows, **sharing(10), u10={})) == 11


def test_an_identifier_of_too_many_leaves_the_other_links():
    users = sharing(11)
    users["u03"]["phone"] = users["u07"]["phone"] = "1"
    assert who_is_who(**users)["u03"] == ["u03", "u07"]
    assert len(who_is_who(**users)) == 10


# The customer


def test_a_customer_is_the_oldest_account_and_of_equals_the_smallest_id():
    rows = [
        user("a", "2024-01-02", email=ONE_EMAIL),
        user("c", "2024-01-01T10:00:00", email=ONE_EMAIL),
        user("b", "2024-01-01T12:00:00+02:00", email=ONE_EMAIL),
        user("B", "2024-01-01T10:00:00.000001", email=ONE_EMAIL),
    ]
    assert joined(load(users=rows)) == {"b": ["b", "c", "B", "a"]}


def test_attributes_are_the_first_known_and_the_channel_is_the_oldest_accounts():
    shop = load(
        users=[
            user("a", "2024-01-03", email=ONE_EMAIL, gender="male", region="north"),
            user("b", "2024-01-02", email=ONE_EMAIL, gender="female", channel="ads"),
            user("c", "2024-01-01", email=ONE_EMAIL, gender="robot", campaign="spring"),
        ]
    )
    (customer,) = shop.customers.values()
    assert customer["customer_id"] == "c"
    assert customer["registration_date"] == date(2024, 1, 1)
    assert customer["channel"] == "unknown"
    assert shop.channels == ["unknown"]
    profile = customer["profile"]
    assert (profile["gender"], profile["region"]) == ("female", "north")
    assert (profile["channel"], profile["campaign"]) == (None, "spring")


def test_equally_old_accounts_say_their_attributes_in_the_order_of_their_ids():
    rows = [
        user("b", email=ONE_EMAIL, friend_count="2", channel="ads"),
        user("a", email=ONE_EMAIL, friend_count="1"),
    ]
    (customer,) = load(users=rows).customers.values()
    assert (customer["profile"]["friend_count"], customer["channel"]) == (1, "unknown")


def test_the_risk_rules_see_the_joined_profile():
    thin = {"profile_completion_pct": "10", "contacts_imported": "false"}
    shop = load(
        {"as_of_date": "2024-02-15"},
        users=[
            user("a", "2024-01-01", email=ONE_EMAIL, **thin),
            user("b", "2024-01-02", email=ONE_EMAIL, friend_count="2"),
        ],
    )
    first, *_ = leaving.observations(shop)
    assert (first.customer_id, first.rules) == ("a", {"thin_profile"})


def test_a_membership_to_come_hides_no_earlier_one():
    rows = [
        user("a", "2024-01-01", email=ONE_EMAIL, member_since="2024-03-01"),
        user("b", "2024-01-02", email=ONE_EMAIL, member_since="2024-01-20"),
    ]
    (member,) = load({"as_of_date": "2024-02-01"}, users=rows).customers.values()
    assert member["member_since"] == date(2024, 1, 20)
    (member,) = load({"as_of_date": "2024-03-01"}, users=rows).customers.values()
    assert member["member_since"] == date(2024, 3, 1)


def test_what_accounts_do_is_done_by_their_customer():
    users = [
        user("b", "2024-01-10", email=ONE_EMAIL),
        user("a", "2024-02-10", email=ONE_EMAIL),
    ]
    shop = load(
        users=users,
        orders=[
            order("o1", "2024-02-01", user_id="a"),
            order("o2", "2024-01-05", user_id="b"),
        ],
        logins=[
            login("l1", "2024-02-03", user_id="a"),
            login("l2", "2024-02-03", user_id="b"),
        ],
        events=[event("e1", user_id="a")],
        referrals=[],
        contacts=[
            {
                "contact_id": "c",
                "user_id": "a",
                "channel": "sms",
                "sent_at": "2024-02-02",
            }
        ],
        survey_responses=[
            {"response_id": "s", "user_id": "a", "survey_type": "nps", "score": "9"}
            | {"responded_at": "2024-02-02"}
        ],
        operating_costs=[
            {"cost_id": "k", "user_id": "a", "cost_type": "service", "amount": "1"}
            | {"cost_date": "2024-02-02"}
        ],
    )
    (customer,) = shop.customers.values()
    assert customer["entry_date"] == date(2024, 1, 5)
    rows = [*shop.orders, *shop.logins, *shop.events]
    rows += [*shop.contacts, *shop.surveys, *shop.operating_costs]
    assert [row["customer_id"] for row in rows] == ["b"] * 8
    assert [row["order_id"] for row in shop.valid_orders["b"]] == ["o2", "o1"]
    assert shop.login_days["b"] == [date(2024, 2, 3)]
    # Her second account came later, but she was a customer already.
    facts = core.tables(shop)["fct_orders"]
    assert [row["is_before_registration"] for row in facts] == [True, False]


def test_stitching_loses_no_order_login_or_refund():
    tables = {
        "users": [user(name, email=ONE_EMAIL) for name in "abc"],
        "orders": [
            order("o1", user_id="a"),
            order("o2", user_id="b"),
            guest_order("o3"),
        ],
        "logins": [login("l1", user_id="b"), login("l2", user_id="c")],
        "refunds": [refund("r1", "30"), refund("r2", "5", order_id="o3")],
    }

    def sums(types):
        shop = load({"stitch_id_types": types, "as_of_date": "2024-03-01"}, **tables)
        money = sum(row["net_amount"] for row in shop.orders)
        refunds = sum(len(row["refunds"]) for row in shop.orders)
        kept = (len(shop.orders), len(shop.logins), refunds, money)
        return len(shop.customers), kept

    assert sums([]) == (4, (3, 2, 2, Decimal("265.00")))
    assert sums(["email"]) == (1, (3, 2, 2, Decimal("265.00")))


# What is known at the as-of date


def test_an_account_to_come_joins_nobody():
    tables = {
        "users": [
            user("a", "2024-03-01", email=ONE_EMAIL, channel="ads"),
            user("b", "2024-01-02", email=ONE_EMAIL),
            user("c", "2024-01-03", email=ONE_EMAIL),
        ],
        "orders": [order("o1", user_id="a")],
    }
    before = load({"as_of_date": "2024-02-29"}, **tables)
    assert joined(before) == {"a": ["a"], "b": ["b", "c"]}
    early = before.customers["a"]
    assert (early["registered_at"], early["channel"]) == (None, "ads")
    assert not early["is_guest"]
    assert joined(load({"as_of_date": "2024-03-01"}, **tables)) == {
        "b": ["b", "c", "a"]
    }


def test_an_account_to_come_does_not_count_for_the_guard():
    rows = [user(name, **cells) for name, cells in sharing(10).items()]
    rows += [user("late", "2024-03-01", email=ONE_EMAIL)]
    assert len(load({"as_of_date": "2024-02-29"}, users=rows).customers) == 1
    assert len(load({"as_of_date": "2024-03-01"}, users=rows).customers) == 11


def test_an_identity_links_from_the_day_it_is_known():
    tables = {
        "users": [user("a", email=ONE_EMAIL), user("b")],
        "identities": [identity("b", "email", ONE_EMAIL, "2024-02-10T23:30Z")],
    }
    assert len(load({"as_of_date": "2024-02-09"}, **tables).customers) == 2
    assert len(load({"as_of_date": "2024-02-10"}, **tables).customers) == 1
    in_berlin = {"as_of_date": "2024-02-10", "business_timezone": "Europe/Berlin"}
    assert len(load(in_berlin, **tables).customers) == 2


def test_an_identity_sets_no_as_of_date():
    shop = load(identities=[identity("u1", "email", "x", "2024-06-01")])
    assert shop.as_of_date == date(2024, 1, 1)


def test_rejected_accounts_and_identities_link_nobody():
    rows = [
        user("a", email=ONE_EMAIL),
        user("staff", email=ONE_EMAIL, phone="1", is_excluded="true"),
        user("b", phone="1"),
        user("", email="b@x.io"),
    ]
    identities = [
        identity("b", "mail", ONE_EMAIL),
        identity("b", "email", ONE_EMAIL, ""),
    ]
    assert len(load(users=rows, identities=identities).customers) == 2


def linked(**project_vars) -> tuple[Shop, dict[str, int]]:
    """The shop of linked accounts, and how many accounts a customer of several has."""
    shop = load(project_vars, **linked_shop())
    sizes = {customer_id: len(some) for customer_id, some in joined(shop).items()}
    return shop, {name: size for name, size in sizes.items() if size > 1}


def test_the_shop_of_linked_accounts_is_as_linked_as_it_says():
    in_pairs = dict.fromkeys(
        ["circle_a1", "circle_b1", "eleven07", "referee_a", "referrer_a", "tie_a"]
        + ["verified_b"],
        2,
    )
    known = in_pairs | {"chain14": 40, "ten07": 10}
    _, before = linked(as_of_date=MIDDLE)
    assert before == known | {"case_a": 3, "grows09": 10}
    shop, after = linked()
    assert after == known | {"case_a": 4, "late_b": 2}
    assert [key for _, key in shop.people.shared_by_too_many()] == [
        "eleven@x.io",
        "grows@x.io",
    ]


def test_what_is_known_of_who_is_who_decides_on_referrals():
    before, _ = linked(as_of_date=MIDDLE)
    *_, by_a_newcomer, of_a_newcomer = codes(before, "referrals")
    assert (by_a_newcomer, of_a_newcomer) == ("", "referrer_registered_after_invite")
    after, _ = linked()
    *_, by_a_newcomer, of_a_newcomer = codes(after, "referrals")
    assert (by_a_newcomer, of_a_newcomer) == ("referee_registered_before_invite", "")


# Guests


def test_a_guest_order_joins_the_customer_with_its_email():
    users = [
        user("u2", "2024-01-05", email="ANN@shop.test "),
        user("u1", "2024-01-05", email=ONE_EMAIL, channel="ads"),
        user("u0", "2024-01-06", email=ONE_EMAIL),
    ]
    orders = [
        guest_order("o1", " Ann@Shop.test", ordered_at="2024-01-01"),
        order("o2", user_id="u0", guest_email="bob@shop.test"),
        guest_order("o3", "Bob@shop.test"),
        guest_order("o4", "bob@shop.test"),
    ]
    shop = load(users=users, orders=orders)
    ids = [row["customer_id"] for row in shop.orders]
    assert ids[:2] == ["u1", "u1"]
    assert ids[2] == ids[3]
    assert shop.customers["u1"]["entry_date"] == date(2024, 1, 1)
    assert shop.customers["u1"]["registration_date"] == date(2024, 1, 5)
    guest = shop.customers[ids[2]]
    assert guest["is_guest"]
    assert guest["channel"] == "unknown"
    assert guest["registration_date"] is None
    salted = load({"identity_salt": "s"}, users=users, orders=orders)
    assert salted.orders[2]["customer_id"] not in shop.customers
    apart = load({"stitch_id_types": ["phone"]}, users=users, orders=orders)
    assert apart.orders[0]["customer_id"].startswith("guest:")


def test_a_guest_id_is_the_md5_of_the_email():
    orders = [guest_order("o1", " A@B.test ")]
    assert [*load(users=[], orders=orders).customers] == [
        "guest:587aaf4ca8b4a2ee55d8e95eeeaf3c10"
    ]


def test_a_guest_with_the_email_of_too_many_joins_the_oldest_of_them():
    users = [user(name, **cells) for name, cells in sharing(11).items()]
    users[4]["registered_at"] = "2023-12-31"
    users[5] |= {"phone": "1"}
    users += [user("old", "2023-12-01", phone="1")]
    (ordered,) = load(users=users, orders=[guest_order("o1")]).orders
    assert ordered["customer_id"] == "u04"
    users[4] |= {"phone": "1"}
    (ordered,) = load(users=users, orders=[guest_order("o1")]).orders
    assert ordered["customer_id"] == "old"


def test_a_guest_joins_the_account_whose_verified_identity_is_the_email():
    identities = [identity("u1", "email", "ANN@shop.test")]
    (ordered,) = load(orders=[guest_order("o1")], identities=identities).orders
    assert ordered["customer_id"] == "u1"
    identities[0]["is_verified"] = "false"
    (ordered,) = load(orders=[guest_order("o1")], identities=identities).orders
    assert ordered["customer_id"].startswith("guest:")


def test_a_guest_who_registers_later_is_that_account_from_then_on():
    users = [user("u1", "2024-03-01", email=ONE_EMAIL)]
    tables = {"users": users, "orders": [guest_order("o1", ordered_at="2024-02-01")]}
    before = load({"as_of_date": "2024-02-29"}, **tables)
    assert [row["is_guest"] for row in before.customers.values()] == [True]
    after = load(**tables)
    assert [*after.customers] == ["u1"]
    assert after.customers["u1"]["entry_date"] == date(2024, 2, 1)
    assert after.customers["u1"]["registration_date"] == date(2024, 3, 1)


# Visitors


def visits(*links, project_vars=None, **cells):
    """The customer of each of three visits and of an event that names its user."""
    shop = load(
        project_vars,
        users=[user("u1"), user("u2", email=ONE_EMAIL), user("u3", email=ONE_EMAIL)],
        events=[
            event(f"e{day}", event_at=f"2024-02-{day:02}", user_id=None)
            | {"anonymous_id": "v"}
            for day in (1, 10, 20)
        ]
        + [event("e21", event_at="2024-02-21", user_id="u1", anonymous_id="v")],
        identities=[identity(*link, **cells) for link in links],
    )
    return [row["customer_id"] for row in shop.events]


def test_a_visitor_is_the_customer_of_the_account_linked_first():
    assert visits() == [None, None, None, "u1"]
    later, first = ("u1", "anonymous", "v", "2024-02-11"), ("u3", "anonymous", "v")
    linked = "2024-02-10T12:00"
    assert visits(later, (*first, linked)) == ["u2"] * 3 + ["u1"]
    assert visits(later) == ["u1"] * 4


def test_of_links_of_one_instant_the_smallest_id_counts():
    at = "2024-02-10"
    links = [(name, "anonymous", "v", at) for name in ("u3", "u1")]
    assert visits(*links) == ["u1"] * 4


def test_a_visitor_is_linked_in_one_spelling_and_by_that_type_only():
    assert visits(("u3", "anonymous", "V"), ("u3", "device", "v"))[:3] == [None] * 3


@pytest.mark.parametrize("types", [[], ["phone"]])
def test_a_visitor_is_linked_whatever_links_accounts(types):
    found = visits(("u3", "anonymous", "v"), project_vars={"stitch_id_types": types})
    assert found[0] == "u3"


def test_a_link_of_a_visitor_need_not_be_verified():
    assert visits(("u3", "anonymous", "v"), is_verified="false")[0] == "u2"


def test_a_link_of_a_visitor_holds_from_the_day_it_is_known():
    link = ("u3", "anonymous", "v", "2024-02-15")
    assert visits(link, project_vars={"as_of_date": "2024-02-14"}) == [None, None]
    assert visits(link, project_vars={"as_of_date": "2024-02-15"}) == ["u2", "u2"]


def test_a_visit_makes_an_activity_of_its_customer():
    shop = load(
        {"activity_types": ["event"]},
        events=[event("e1", user_id=None, anonymous_id="v")],
        identities=[identity("u1", "anonymous", "v")],
    )
    assert shop.activity_days == {"u1": [date(2024, 2, 3)]}


# Referrals between customers


def referred(*rows, **registered) -> list[str]:
    """Codes of referrals. registered: account -> day of January; A is a's e-mail."""
    users = [
        user(name, f"2024-01-{day:02}", email=f"{name[0].lower()}@x.io")
        for name, day in registered.items()
    ]
    rows = [referral(f"r{n}", *row) for n, row in enumerate(rows)]
    return codes(load(users=users, referrals=rows), "referrals")


def test_a_customer_cannot_refer_a_second_account_of_hers():
    row = ("a", "a2", "2024-01-05", "2024-01-06")
    assert referred(row[:3], a=1, a2=6) == ["self_referral"]
    # And accepted it brings nobody new.
    assert referred(row, a=1, a2=6) == [
        "self_referral,referee_registered_before_invite"
    ]
    assert referred(("a", "b", *row[2:]), a=1, b=6) == [""]


def test_a_second_account_makes_nobody_new():
    rows = [("a", "b2", "2024-01-05", "2024-01-06")]
    assert referred(*rows, a=1, b=5, b2=6) == [""]
    assert referred(*rows, a=1, b=4, b2=6) == ["referee_registered_before_invite"]


def test_a_customer_may_invite_by_an_account_opened_later():
    rows = [("a2", "b", "2024-01-05", "2024-01-06")]
    assert referred(*rows, a=5, a2=9, b=6) == [""]
    assert referred(*rows, a=6, a2=9, b=6) == ["referrer_registered_after_invite"]


def test_a_referee_is_referred_once_whichever_account_accepts():
    rows = [
        ("a", "b2", "2024-01-05", "2024-01-08"),
        ("c", "b", "2024-01-05", "2024-01-07"),
    ]
    assert referred(*rows, a=1, c=1, b=5, b2=6) == ["duplicate_referee", ""]


def test_customers_refer_each_other_in_no_circle():
    at = "2024-01-05"
    rows = [("a", "b2", at, at), ("b", "c", at, at), ("c", "a2", at, at)]
    assert referred(*rows, a=5, a2=5, b=5, b2=5, c=5) == ["", "", "referral_cycle"]


def test_referrals_are_between_customers():
    shop = load(
        users=[user("a", email="a"), user("a2", email="a"), user("b", "2024-02-02")],
        referrals=[referral("r", "a2", "b", "2024-02-01", "2024-02-02")],
    )
    (found,) = shop.referrals
    assert (found["referrer_customer_id"], found["referee_customer_id"]) == ("a", "b")


# Judging the inputs


def judged(name, *rows, **project_vars) -> list[str]:
    users = [user("u1"), user("x", is_excluded="true")]
    return codes(load(project_vars, users=users, **{name: list(rows)}), name)


def test_judging_of_identities():
    rows = {
        "": identity("u1", "email", "a"),
        "unknown_user": identity("nobody", "email", "a"),
        "excluded": identity("x", "email", "a"),
        "unknown_id_type": identity("u1", "Email", "a"),
        "unknown_user,unknown_id_type": identity("nobody", "mail", "a"),
        "missing_value": identity("u1", "email", "b", None),
        "unparsable_timestamp": identity("u1", "email", "c", "soon"),
        "future_timestamp": identity("u1", "email", "d", "2025-01-01T00:00:01Z"),
        "implausible_timestamp": identity("u1", "email", "e", "1999-12-31"),
        "null_key": identity("u1", "email", " "),
    }
    assert judged("identities", *rows.values()) == list(rows)


def test_an_identity_is_kept_once_the_earliest_link_first():
    rows = [
        identity("u1", "email", "a", "2024-01-03"),
        identity("u1", "email", " a", "2024-01-02", is_verified="true"),
        identity("u1", "email", "a", "2024-01-02", is_verified="false"),
        identity("u1", "email", "A", "2024-01-03"),
        identity("u1", "phone", "a", "2024-01-03"),
    ]
    duplicate = "duplicate_key"
    assert judged("identities", *rows) == [duplicate, duplicate, "", "", ""]


def test_judging_of_experiments():
    rows = {
        "": assignment(),
        "unknown_user": assignment("nobody"),
        "excluded": assignment("x"),
        "null_key": assignment(variant=None),
        "null_key,unparsable_timestamp": assignment(None, assigned_at="x"),
        "future_timestamp": assignment(assigned_at="2025-01-02"),
    }
    assert judged("experiments", *rows.values()) == list(rows)
    both_arms = [assignment(), assignment(variant="b"), assignment()]
    found = judged("experiments", *both_arms)
    assert (found[1], sorted(found)) == ("", ["", "", "duplicate_key"])


def test_judging_of_points():
    rows = {
        "": entry("1", "earn", "0.5"),
        "unknown_user": entry("2", "earn", "1", user_id="nobody"),
        "excluded": entry("3", "earn", "1", user_id="x"),
        "unknown_entry_type": entry("4", "Earn", "1"),
        "non_positive_points": entry("5", "earn", "0"),
        "unknown_user,unknown_entry_type,non_positive_points": entry(
            "6", "gift", "-1", user_id="nobody"
        ),
        "unparsable_number": entry("7", "earn", "1e3"),
        "missing_value": entry("8", "earn", None),
        "null_key": entry(None, "earn", "1"),
        "insufficient_balance": entry("9", "burn", "0.51"),
    }
    assert judged("points_ledger", *rows.values()) == list(rows)


def test_points_can_be_taken_to_the_last_one():
    rows = [
        entry("1", "earn", "10"),
        entry("2", "burn", "4", "2024-02-02"),
        entry("3", "expire", "6", "2024-02-03"),
    ]
    assert judged("points_ledger", *rows) == ["", "", ""]
    rows[2]["points"] = "6.01"
    assert judged("points_ledger", *rows) == ["", "", "insufficient_balance"]


def test_after_the_first_uncovered_entry_none_is_taken_any_more():
    rows = [
        entry("1", "earn", "10"),
        entry("2", "burn", "11", "2024-02-02"),
        entry("3", "burn", "1", "2024-02-03"),
        entry("4", "earn", "100", "2024-02-04"),
        entry("5", "expire", "1", "2024-02-05"),
    ]
    refused = "insufficient_balance"
    assert judged("points_ledger", *rows) == ["", refused, refused, "", refused]


def test_in_one_instant_points_are_earned_before_they_are_burnt():
    rows = [
        entry("2", "burn", "8"),
        entry("1", "expire", "8"),
        entry("3", "earn", "10", "2024-02-01T00:00:00Z"),
    ]
    assert judged("points_ledger", *rows) == ["insufficient_balance", "", ""]


def test_a_duplicate_entry_is_not_walked():
    rows = [entry("1", "earn", "10"), entry("1", "earn", "5"), entry("2", "burn", "6")]
    expected = ["duplicate_key", "", "insufficient_balance"]
    assert judged("points_ledger", *rows) == expected


def test_points_belong_to_the_customer():
    tables = {
        "users": [user("a", email=ONE_EMAIL), user("b", email=ONE_EMAIL)],
        "points_ledger": [
            entry("1", "earn", "10", user_id="a"),
            entry("2", "burn", "10", user_id="b"),
            entry("3", "burn", "1", user_id="a"),
        ],
    }
    refused = "insufficient_balance"
    assert codes(load(**tables), "points_ledger") == ["", "", refused]
    apart = load({"stitch_id_types": []}, **tables)
    assert codes(apart, "points_ledger") == ["", refused, ""]


def test_judging_of_deals():
    rows = {
        "": deal(),
        "unknown_stage": deal(stage_code="Lead"),
        "negative_amount": deal("d2", amount="-0.01"),
        "unknown_user": deal("d3", user_id="nobody"),
        "excluded": deal("d4", user_id="x"),
        "unknown_stage,negative_amount,unknown_user": deal(
            "d5", "new", "-1", user_id="nobody"
        ),
        "unparsable_number": deal("d6", amount="much"),
        "missing_value": deal("d7", amount=None),
        "null_key": deal(None),
        "implausible_timestamp": deal("d8", entered_at="1999-12-31"),
    }
    assert judged("deals", *rows.values()) == list(rows)


@pytest.mark.parametrize(
    "stage", ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
)
def test_a_deal_enters_a_stage_once_an_instant(stage):
    rows = [
        deal(stage_code=stage, amount="2"),
        deal(stage_code=stage, amount="0"),
        deal(stage_code=stage, entered_at="2024-02-02"),
    ]
    assert judged("deals", *rows) == ["duplicate_key", "", ""]


def test_the_new_inputs_are_reconciled():
    shop = load(
        {"as_of_date": "2024-02-01"},
        identities=[
            identity("u1", "email", "a"),
            identity("u1", "email", "b", "2024-02-02"),
            identity("nobody", "email", "c", is_verified="x"),
            identity("u1", "email", "d", "2024-01-02", is_verified="x"),
        ],
        deals=[deal(), deal()],
    )
    tables = audit.tables(shop)
    found = {row["input_name"]: row for row in tables["audit_input_reconciliation"]}
    assert found["identities"] == {
        "input_name": "identities",
        "raw_count": 4,
        "accepted_count": 3,
        "rejected_count": 1,
        "ignored_after_as_of_count": 1,
        "first_date": date(2024, 1, 1),
        "last_date": date(2024, 2, 2),
        "days_since_last_row": -1,
    }
    for row in found.values():
        assert row["raw_count"] == row["accepted_count"] + row["rejected_count"]
    assert found["experiments"]["raw_count"] == 0
    assert [row["nulled_count"] for row in tables["audit_nulled_attributes"]] == [1]
    assert [row["row_key"] for row in tables["audit_rejected_rows"]] == [
        "email|c|nobody",
        "d1|lead|2024-02-01",
    ]
