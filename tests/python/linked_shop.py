"""A shop in which everybody is somebody else too: the hard cases of identity at once.

Accounts are named after what they show. Half of what links them is known in the MIDDLE,
the rest comes LATE.
"""

from itertools import count

MIDDLE = "2024-03-01"
LATE = "2024-03-20"

Row = dict[str, str]


def linked_shop() -> dict[str, list[Row]]:
    """Input name -> rows of text. Every account has ordered and logged in."""
    users = _users()
    return {
        "users": users,
        "identities": _identities(),
        "orders": [*_orders(users), *_guest_orders()],
        "logins": [
            {"login_id": f"l{n}", "user_id": user["user_id"], "login_at": _day(n, 2)}
            for n, user in enumerate(users)
        ],
        "refunds": [
            {"refund_id": "f1", "order_id": "g1", "refunded_at": LATE, "amount": "3"},
            {"refund_id": "f2", "order_id": "o1", "refunded_at": LATE, "amount": "4"},
        ],
        "events": _events(),
        "referrals": _referrals(),
        "operating_costs": [
            {"cost_id": f"c{n}", "cost_date": MIDDLE, "cost_type": "service"}
            | {"user_id": user_id, "amount": "1.5"}
            for n, user_id in enumerate(("case_b", "ten07", "later", ""))
        ],
        "contacts": [
            {"contact_id": f"n{n}", "user_id": user_id, "channel": "sms"}
            | {"sent_at": _day(n, 2), "cost": "0.05"}
            for n, user_id in enumerate(("case_b", "chain21", "later"))
        ],
        "survey_responses": [
            {"response_id": f"s{n}", "user_id": user_id, "survey_type": "rating"}
            | {"responded_at": MIDDLE, "score": "5"}
            for n, user_id in enumerate(("case_b", "verified_b", "staff"))
        ],
        "experiments": [
            {"experiment_id": "x", "user_id": user_id, "variant": variant}
            | {"assigned_at": MIDDLE}
            for user_id, variant in (("case_a", "a"), ("case_b", "b"), ("staff", "a"))
        ],
        "points_ledger": _points(),
        "deals": [
            {"deal_id": "d1", "stage_code": stage, "entered_at": day, "amount": "9"}
            | {"user_id": "case_b"}
            for stage, day in (("lead", MIDDLE), ("won", LATE), ("lost", "soon"))
        ],
    }


def _users() -> list[Row]:
    numbered = count()

    def user(user_id, registered_at=None, **cells):
        at = registered_at or _day(next(numbered) * 11, 1)
        return {"user_id": user_id, "registered_at": at} | cells

    def crowd(name, size, **cells):
        email = f"{name}@x.io"
        return [user(f"{name}{n:02}", email=email, **cells) for n in range(size)]

    rows = [
        # The oldest account says neither channel nor friends, another one does.
        user("case_b", "2024-01-05", email=" Case@X.io", channel="ads", gender="male"),
        user("case_a", "2024-01-04", email="case@x.io", campaign="c", friend_count="x"),
        user("case_c", "2024-01-06", email="CASE@x.io ", friend_count="2", gender="x"),
        user("later", LATE, email="case@x.io", channel="shop", friend_count="1"),
        user("tie_b", "2024-01-07T12:00Z", phone="+49 (30) 12", channel="ads"),
        user("tie_a", "2024-01-07T14:00+02:00", phone="4930 12", channel="shop"),
        user("prefix", phone="0049 30 12"),
        user("blank_a", email=" ", phone="+", channel="ads"),
        user("blank_b", email="", phone="n/a", channel="ads"),
        # Staff would join two who are strangers.
        user("staff", email="case@x.io", phone="99", is_excluded="true"),
        user("stranger", phone="99"),
        *(user(f"{name}_a", email=f"{name}@x.io") for name in ("verified", "other")),
        *(user(f"{name}_b") for name in ("verified", "other", "late")),
        user("late_a", phone="77"),
        user("guest_to_be", LATE, email="guest@x.io", channel="shop"),
        *crowd("ten", 10, channel="ads"),
        *crowd("eleven", 11, channel="shop"),
        # Ten until one more comes: then nobody is anybody else any more.
        *crowd("grows", 10),
        user("grows10", LATE, email="grows@x.io"),
        *(user(f"referrer_{name}", "2024-01-02", email="r@x.io") for name in "ab"),
        *(user(f"referee_{name}", "2024-02-10", email="e@x.io") for name in "ab"),
        *(user(f"circle_{name}", "2024-02-10", email=f"{name[0]}@c.io")
          for name in ("a1", "a2", "b1", "b2")),
        *(user(f"chain{n:02}", email=f"link{n // 2}@x.io", phone=f"8 {(n + 1) // 2:03}")
          for n in range(40)),
    ]  # fmt: skip
    for row in rows:
        if row["user_id"] in ("eleven03", "eleven07"):
            row["phone"] = "+3 7"
    return rows


def _identities() -> list[Row]:
    cells = ("user_id", "id_type", "id_value", "linked_at", "is_verified")
    rows = [
        ("verified_b", "email", "Verified@X.io ", "2024-02-01", ""),
        ("verified_b", "email", "second@x.io", "2024-02-01", "true"),
        ("other_b", "email", "other@x.io", "2024-02-01", "false"),
        ("other_b", "device", "d1", "2024-02-01", "true"),
        ("other_a", "device", "d1", "2024-02-01", "true"),
        ("other_a", "external", "case@x.io", "2024-02-01", "true"),
        ("late_b", "phone", "7-7", LATE, "true"),
        ("ten00", "email", "TEN@x.io", "2024-02-01", "true"),
        ("nobody", "email", "case@x.io", "2024-02-01", "true"),
        ("case_a", "mail", "case@x.io", "2024-02-01", "true"),
        # A visitor is whom it was linked to first; in one instant, the smallest id.
        ("verified_b", "anonymous", "v1", "2024-02-10", "true"),
        ("chain21", "anonymous", "v1", "2024-02-11", "true"),
        ("tie_b", "anonymous", "v2", "2024-02-10", "true"),
        ("prefix", "anonymous", "v2", "2024-02-10T00:00Z", "true"),
        ("case_c", "anonymous", "v3", LATE, "true"),
        ("case_c", "anonymous", "v4", "2024-02-10", "false"),
        ("staff", "anonymous", "v5", "2024-02-10", "true"),
        ("staff", "anonymous", "v6", "2024-02-10", "true"),
        ("later", "anonymous", "v6", LATE, "true"),
    ]
    return [dict(zip(cells, row, strict=True)) for row in rows]


def _orders(users: list[Row]) -> list[Row]:
    return [
        {"order_id": f"o{n}", "user_id": user["user_id"], "ordered_at": _day(n * 3, 2)}
        | {"status": "paid", "gross_amount": str(10 + n)}
        for n, user in enumerate(users)
    ]


def _guest_orders() -> list[Row]:
    emails = [
        *("case@X.IO ", "ten@x.io", "eleven@x.io", "grows@x.io", "second@x.io"),
        *("guest@x.io", " Guest@x.io", "other@x.io", "nobody@x.io"),
    ]
    return [
        {"order_id": f"g{n}", "guest_email": email, "ordered_at": _day(n, 2)}
        | {"user_id": "", "status": "paid", "gross_amount": "50"}
        for n, email in enumerate(emails)
    ]


def _events() -> list[Row]:
    visits = [
        {"user_id": "", "anonymous_id": f"v{n}", "event_at": day}
        for n in range(8)
        for day in ("2024-02-01 10:00", "2024-02-20", LATE)
    ]
    named = [{"user_id": "case_b", "anonymous_id": "v1", "event_at": MIDDLE}]
    names = ("view", "cart", "share")
    return [
        {"event_id": f"e{n:02}", "event_name": names[n % 3]} | row
        for n, row in enumerate(visits + named)
    ]


def _referrals() -> list[Row]:
    cells = ("referral_id", "referrer_id", "referee_id", "invited_at", "accepted_at")
    at = "2024-02-10"
    rows = [
        ("r1", "referrer_b", "referee_a", "2024-02-05", "2024-02-12"),
        # The same referee by her other account, and before.
        ("r2", "circle_a1", "referee_b", at, "2024-02-11"),
        ("r3", "referrer_a", "referrer_b", "2024-02-05", ""),
        ("r4", "referrer_a", "verified_b", "2024-02-05", ""),
        ("r5", "circle_a1", "circle_b1", at, at),
        ("r6", "circle_b2", "circle_a2", at, at),
        # By the second account, whose customer had registered long before.
        ("r7", "referrer_a", "later", "2024-03-10", "2024-03-21"),
        ("r8", "later", "guest_to_be", "2024-03-15", "2024-03-21"),
    ]
    return [dict(zip(cells, row, strict=True)) for row in rows]


def _points() -> list[Row]:
    cells = ("entry_id", "user_id", "entry_type", "points", "entry_at")
    rows = [
        ("p1", "case_a", "earn", "10", "2024-02-01"),
        ("p2", "case_b", "burn", "10", "2024-02-01T00:00:00Z"),
        ("p3", "case_c", "earn", "5", "2024-02-02"),
        ("p4", "case_a", "burn", "5.5", "2024-02-03"),
        ("p5", "case_b", "burn", "1", "2024-02-04"),
        ("p6", "case_b", "earn", "9", "2024-02-05"),
        ("p7", "case_c", "expire", "1", "2024-02-06"),
        ("p8", "later", "earn", "1", "2024-02-07"),
        ("p9", "later", "burn", "2", "2024-02-08"),
    ]
    return [dict(zip(cells, row, strict=True)) for row in rows]


def _day(number: int, month: int) -> str:
    """A day of a month (1 to 28); the number may be any."""
    return f"2024-{month:02}-{number % 28 + 1:02}"
