"""Who is who: which accounts, guests and visitors are one customer.

Accounts that share an identifier are linked, and all that hang together by links are
one customer. `People.customer_of` is the one way from an account to its customer.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from .settings import Settings

Values = dict[str, Any]
Identifier = tuple[str, str]


class People:
    """The customers behind accounts, the e-mails of guests and anonymous ids.

    accounts: accepted users registered by the as-of date. newcomers: those who come
    later, who are nobody else yet. identities: accepted rows linked by the as-of date.
    """

    def __init__(
        self,
        settings: Settings,
        accounts: Iterable[Values] = (),
        newcomers: Iterable[Values] = (),
        identities: Iterable[Values] = (),
    ) -> None:
        self._settings = settings
        self._accounts = {each["user_id"]: each for each in sorted(accounts, key=_age)}
        known = [each for each in identities if each["user_id"] in self._accounts]
        self._identifiers = self._identifiers_by_account(known)
        self._holders = _inverted(self._identifiers)
        self._canonical = self._components()
        self._of_customer = defaultdict(list)
        for each in [*self._accounts.values(), *newcomers]:
            self._of_customer[self.customer_of(each["user_id"])].append(each)
        self._visitors = _accounts_of_visitors(known)

    def customer_of(self, user_id: str | None) -> str | None:
        """The customer an account belongs to: the oldest account of the same person."""
        return self._canonical.get(user_id, user_id)

    def accounts_of(self, customer_id: str | None) -> list[Values]:
        """The accounts of a customer, the oldest first; none of a guest."""
        return self._of_customer.get(customer_id, [])

    def customer_of_guest(self, email: str) -> str:
        """The customer who orders with an e-mail and without an account."""
        identifier = ("email", normalised("email", email))
        if identifier in self._holders:
            return self.customer_of(self._holders[identifier][0])
        return "guest:" + self.hashed(identifier)

    def hashed(self, identifier: Identifier) -> str:
        """What stands for an identifier where it must not be read."""
        salted = f"{self._settings.identity_salt}{identifier[1]}".encode()
        return hashlib.md5(salted, usedforsecurity=False).hexdigest()

    def customer_of_visitor(self, anonymous_id: str | None) -> str | None:
        """The customer an anonymous id was linked to first; None if it never was."""
        return self.customer_of(self._visitors.get(anonymous_id))

    def shared_by_too_many(self) -> dict[Identifier, list[str]]:
        """The identifiers that link nobody, with the accounts that have them."""
        return {
            identifier: holders
            for identifier, holders in self._holders.items()
            if len(holders) > self._settings.stitch_max_accounts
        }

    def _identifiers_by_account(self, identities: list[Values]) -> dict[str, list]:
        """Account -> its distinct identifiers of the types that link, oldest first."""
        given = defaultdict(list)
        for user_id, user in self._accounts.items():
            given[user_id] += [(name, user[name]) for name in ("email", "phone")]
        for each in identities:
            if each["is_verified"]:
                given[each["user_id"]].append((each["id_type"], each["id_value"]))
        return {
            user_id: _distinct(
                (id_type, normalised(id_type, value))
                for id_type, value in pairs
                if id_type in self._settings.stitch_id_types
            )
            for user_id, pairs in given.items()
        }

    def _components(self) -> dict[str, str]:
        """Account -> the oldest account that it hangs together with."""
        too_many = self.shared_by_too_many()
        canonical: dict[str, str] = {}
        for oldest in self._accounts:
            reached = [oldest]
            while reached:
                user_id = reached.pop()
                if user_id in canonical:
                    continue
                canonical[user_id] = oldest
                for identifier in self._identifiers[user_id]:
                    if identifier not in too_many:
                        reached += self._holders[identifier]
        return canonical


def normalised(id_type: str, value: str | None) -> str:
    """An identifier as it is compared; empty if nothing of it is left."""
    if id_type == "email":
        return (value or "").strip(" ").lower()
    if id_type == "phone":
        return re.sub("[^0-9]", "", value or "")
    return value or ""


def _age(account: Values) -> tuple:
    return account["registered_at"], account["user_id"]


def _distinct(identifiers: Iterable[Identifier]) -> list[Identifier]:
    return [each for each in dict.fromkeys(identifiers) if each[1]]


def _inverted(identifiers: dict[str, list[Identifier]]) -> dict[Identifier, list[str]]:
    holders = defaultdict(list)
    for user_id, some in identifiers.items():
        for identifier in some:
            holders[identifier].append(user_id)
    return dict(holders)


def _accounts_of_visitors(identities: list[Values]) -> dict[str, str]:
    """Anonymous id -> the account it was linked to first, verified or not."""
    links = sorted(
        (each["linked_at"], each["user_id"], each["id_value"])
        for each in identities
        if each["id_type"] == "anonymous"
    )
    # Reversed, so that the first link is written last and stays.
    return {anonymous_id: user_id for _, user_id, anonymous_id in reversed(links)}
