"""The audit tables: what happened to every raw row."""

from __future__ import annotations

from collections import Counter
from typing import Any

from .judging import CALENDARS, INPUTS
from .shop import Shop


def tables(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    """The audit tables, name -> rows. Raw = accepted + rejected in each input."""
    return {
        "audit_rejected_rows": _rejected_rows(shop),
        "audit_input_reconciliation": [_reconciliation(shop, name) for name in INPUTS],
        "audit_nulled_attributes": _nulled_attributes(shop),
        "audit_shared_identifiers": _shared_identifiers(shop),
    }


def _rejected_rows(shop: Shop) -> list[dict[str, Any]]:
    return [
        {
            "input_name": name,
            "row_key": row.row_key,
            "reason_code": row.codes[0],
            "all_reason_codes": ",".join(row.codes),
        }
        for name in INPUTS
        for row in shop.raw[name]
        if not row.accepted
    ]


def _reconciliation(shop: Shop, name: str) -> dict[str, Any]:
    rows = shop.raw[name]
    days = [row.main_date for row in rows if row.accepted]
    as_of, last = shop.as_of_date, max(days, default=None)
    ignored = [day for day in days if as_of is not None and day > as_of]
    return {
        "input_name": name,
        "raw_count": len(rows),
        "accepted_count": len(days),
        "rejected_count": sum(not row.accepted for row in rows),
        "ignored_after_as_of_count": 0 if name in CALENDARS else len(ignored),
        "first_date": min(days, default=None),
        "last_date": last,
        "days_since_last_row": (as_of - last).days if as_of and last else None,
    }


def _nulled_attributes(shop: Shop) -> list[dict[str, Any]]:
    counts = Counter(
        (name, column)
        for name in INPUTS
        for row in shop.raw[name]
        if row.accepted
        for column in row.nulled
    )
    return [
        {"input_name": name, "column_name": column, "nulled_count": count}
        for (name, column), count in sorted(counts.items())
    ]


def _shared_identifiers(shop: Shop) -> list[dict[str, Any]]:
    return [
        {
            "id_type": identifier[0],
            "identifier_hash": shop.people.hashed(identifier),
            "account_count": len(accounts),
            "first_user_id": min(accounts),
            "last_user_id": max(accounts),
        }
        for identifier, accounts in shop.people.shared_by_too_many().items()
    ]
