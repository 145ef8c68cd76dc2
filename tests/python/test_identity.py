"""Which accounts are one customer, where unit tests of one model do not reach."""

from random import Random

import pytest

CLOCK = {"future_cutoff_at": "2025-01-01T00:00:00Z"}
SELECT = "+stg_shop__accounts audit_shared_identifiers"


def customers(warehouse, folder, users, vars=None, **inputs):
    """Account -> customer, of a shop that has these users."""
    shop = {"users": users, "orders": [], "logins": []} | inputs
    build = warehouse.build(folder, CLOCK | (vars or {}), shop, select=SELECT)
    rows = build.table("stg_shop__accounts")
    return {row["user_id"]: row["customer_id"] for row in rows}


def account(user_id, day="2024-01-01", **more):
    return {"user_id": user_id, "registered_at": day} | more


@pytest.mark.parametrize("length", [3, 800])
def test_a_chain_of_any_order_is_one_customer(warehouse, tmp_path, length):
    ids = [f"u{number:03}" for number in range(length)]
    Random(length).shuffle(ids)
    users = [
        # Each shares one identifier with the one before and another with the next.
        account(
            user_id,
            email=f"{(place + 1) // 2}@x.io",
            phone=f"{place // 2}",
        )
        for place, user_id in enumerate(ids)
    ]
    found = customers(warehouse, tmp_path, [*users, account("x", phone="9999")])
    assert found == dict.fromkeys(ids, "u000") | {"x": "x"}


@pytest.mark.parametrize(("accounts", "together"), [(10, True), (11, False)])
def test_ten_accounts_may_share_a_phone(warehouse, tmp_path, accounts, together):
    ids = [f"u{number:02}" for number in range(accounts)]
    found = customers(warehouse, tmp_path, [account(i, phone="1") for i in ids])
    assert found == {i: "u00" if together else i for i in ids}


SECOND = [account("a", phone="1"), account("b", "2024-03-01", phone="1")]
LATER_LINK = {
    "user_id": "b",
    "id_type": "email",
    "id_value": "A@x.io",
    "linked_at": "2024-03-02 23:59:59",
}


@pytest.mark.parametrize(
    ("day", "first"),
    [("2024-02-29", "b"), ("2024-03-01", "a"), (None, "a")],
)
def test_an_account_joins_on_the_day_it_is_made(warehouse, tmp_path, day, first):
    found = customers(warehouse, tmp_path, SECOND, {"as_of_date": day})
    assert found == {"a": "a", "b": first}


@pytest.mark.parametrize(
    ("vars", "login", "first"),
    [
        ({"as_of_date": "2024-03-01"}, "2024-03-02", "b"),
        ({"as_of_date": "2024-03-02"}, "2024-03-01", "a"),
        # Without a date the last login says what is known: a link of after it is not.
        ({}, "2024-03-01", "b"),
        ({}, "2024-03-02", "a"),
        ({"stitch_id_types": ["phone"]}, "2024-03-02", "b"),
        ({"stitch_id_types": []}, "2024-03-02", "b"),
    ],
)
def test_an_identity_joins_from_its_day_on(warehouse, tmp_path, vars, login, first):
    users = [account("a", email="a@x.io"), account("b")]
    logins = [{"user_id": "a", "login_at": login}]
    found = customers(
        warehouse, tmp_path, users, vars, logins=logins, identities=[LATER_LINK]
    )
    assert found == {"a": "a", "b": first}


def test_no_table_but_those_of_inputs_has_an_identifier_in_clear(warehouse, tmp_path):
    users = [account(f"u{number}", email="planted@x.io") for number in range(11)]
    users += [account(f"v{number}", phone="+86 555-0199") for number in range(2)]
    order = {
        "order_id": "o",
        "guest_email": "planted@x.io",
        "ordered_at": "2024-01-02",
        "status": "paid",
        "gross_amount": "1",
    }
    inputs = {"users": users, "orders": [order], "logins": []}
    build = warehouse.build(tmp_path, CLOCK, inputs)
    tables = build.query(
        "select table_schema || '.' || table_name as name"
        " from information_schema.tables where table_name not like 'base_shop__%'"
        " and table_schema like 'customer_ops_%'"
    )
    texts = {
        row["name"]: str(build.query(f"select * from {row['name']}")) for row in tables
    }
    assert "customer_ops_audit.audit_shared_identifiers" in texts
    planted = ("planted@x.io", "8655550199", "555-0199")
    assert [
        name for name, text in texts.items() if any(p in text for p in planted)
    ] == []
