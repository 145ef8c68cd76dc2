"""Conformed and journey tables, computed the plain way from an accepted shop.

Everything here follows the written definitions one customer and one date at a
time; nothing is shared with the SQL it is compared with. A stage is found by
asking the definition on every date on which the answer could change, not by
sweeping over starts and ends.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import labels as snapshot_labels

if TYPE_CHECKING:
    from .shop import Shop

Row = dict[str, Any]

STAGE_RULES_FILE = Path(__file__).parents[3] / "seeds" / "reference" / "stage_rules.csv"
ONE_DAY = timedelta(days=1)
TREND_DAYS = timedelta(days=30)
NET_TOLERANCE = Decimal("0.01")
NO_MONEY = Decimal("0.00")

#: The column of dim_customers that holds the present stage of a framework.
STAGE_COLUMNS = {
    "aipl_stage": "AIPL",
    "aipla_stage": "AIPLA",
    "stage_4a": "4A",
    "stage_5a": "5A",
    "stage_5r": "5R",
    "journey_stage": "JOURNEY",
}

#: Behaviours that are plain events of that name and have a count column.
EVENT_BEHAVIOURS = (
    "impression",
    "click",
    "view",
    "search",
    "compare",
    "favourite",
    "cart",
    "checkout",
    "follow",
    "like",
    "share",
    "comment",
    "review",
    "claim",
    "enquiry",
    "support",
    "complaint",
    "publish",
    "check_in",
    "lottery",
    "game",
    "redeem",
    "trial_start",
    "use",
)

#: Behaviours with a meaning of their own: an event of that name is not one of them.
DEFINED_BEHAVIOURS = (
    "registration",
    "membership",
    "invite_sent",
    "referral_accepted",
    "rated",
    "exposure",
    "browse",
    "buyer_share",
    "buyer_referral",
    "buyer_positive_review",
)
COUNTED_BEHAVIOURS = EVENT_BEHAVIOURS + DEFINED_BEHAVIOURS
RESERVED_NAMES = {*DEFINED_BEHAVIOURS, "login", "order"}

UNIONS = {
    "exposure": ("impression", "click", "view", "login"),
    "browse": ("view", "login"),
}


class Occurrence(NamedTuple):
    """One thing a customer did: its local date and what its amount is.

    `amount` is a number, None (counts as 0) or, for orders, the order itself,
    because its net amount depends on the date of the question.
    """

    day: date
    amount: Any = None


class Span(NamedTuple):
    """A stretch of dates with one segment; `end` is exclusive, None if still true."""

    start: date
    end: date | None
    segment: str


@dataclass(frozen=True)
class Rule:
    """What has to happen in a window; equal rules of several stages are one."""

    behaviour: str
    min_count: int
    min_days: int
    window_days: int | None
    min_amount: Decimal


@dataclass(frozen=True)
class Segmentation:
    """An exclusive segmentation.

    ranks: segment -> rank, the segment of those who do not exist (`absent`) with
    0. stored: the segments a customer who exists can be in.
    """

    name: str
    ranks: dict[str, int]
    absent: str
    stored: tuple[str, ...]
    is_snapshot_label: bool = False


def read_stage_rules(path: Path = STAGE_RULES_FILE) -> list[Row]:
    """Rows of the stage rule seed as text; raises OSError if it is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tables(
    shop: Shop,
    stage_rules: list[Row] | None = None,
    labels: dict[tuple[str, date], Row] | None = None,
) -> dict[str, list[Row]]:
    """All conformed and journey tables of a shop.

    stage_rules: rows like those of the seed (default: the seed).
    labels: (customer_id, snapshot date) -> segmentation -> code (default: those of
    the labels' oracle). Returns table name -> rows.
    """
    rules = read_stage_rules() if stage_rules is None else stage_rules
    if labels is None:
        labels = snapshot_labels.labels(shop)
    done = occurrences(shop)
    segmentations = _segmentations(rules)
    spans = _all_spans(shop, done, rules, labels)
    counts = _segment_counts_daily(shop, segmentations, spans)
    flows, summary = _flows(shop, segmentations, spans)
    frameworks = {row["framework"] for row in rules}
    ranks = {each.name: each.ranks for each in segmentations}
    return {
        "dim_customers": _dim_customers(shop, spans, labels),
        "dim_dates": _dim_dates(shop),
        "fct_orders": _fct_orders(shop),
        "fct_order_items": _fct_order_items(shop),
        "fct_customer_days": _fct_customer_days(shop, done),
        "fct_referrals": _fct_referrals(shop),
        "fct_channel_spend": _fct_channel_spend(shop),
        "fct_customer_segment_spans": _fct_spans(spans),
        "rpt_segment_counts_daily": counts,
        "rpt_segment_flows": flows,
        "rpt_segment_flow_summary": summary,
        "rpt_aipl_stage_counts": _stage_counts(counts, frameworks, ranks),
        "rpt_aipl_stage_flows": _stage_flows(flows, frameworks),
    }


# Behaviours


def occurrences(shop: Shop) -> dict[str, dict[str, list[Occurrence]]]:
    """Customer -> behaviour -> occurrences by date, for customers who exist.

    Dates before the customer's entry are included, dates after D* are not.
    """
    done: dict = {customer: defaultdict(list) for customer in shop.customers}
    for customer, row in shop.customers.items():
        if row["registration_date"]:
            done[customer]["registration"].append(Occurrence(row["registration_date"]))
        if row["member_since"] and row["member_since"] <= shop.as_of_date:
            done[customer]["membership"].append(Occurrence(row["member_since"]))
    for login in shop.logins:
        if login["customer_id"] in done:
            done[login["customer_id"]]["login"].append(Occurrence(login["login_date"]))
    for event in shop.events:
        if event["customer_id"] in done:
            _add_event(shop, done[event["customer_id"]], event)
    for survey in shop.surveys:
        if survey["customer_id"] in done and survey["survey_type"] == "rating":
            day = survey["responded_date"]
            is_buyer = _is_buyer(shop, survey["customer_id"], survey["responded_at"])
            _add_rating(
                shop, done[survey["customer_id"]], day, survey["score"], is_buyer
            )
    for customer, orders in shop.valid_orders.items():
        done[customer]["order"] += [Occurrence(o["order_date"], o) for o in orders]
    for referral in shop.referrals:
        if referral["referrer_customer_id"] in done:
            _add_referral(shop, done[referral["referrer_customer_id"]], referral)
    for behaviours in done.values():
        for union, parts in UNIONS.items():
            days = [each.day for part in parts for each in behaviours[part]]
            behaviours[union] = [Occurrence(day) for day in days]
        for found in behaviours.values():
            found.sort(key=lambda each: each.day)
    return done


def _add_event(shop: Shop, behaviours: dict, event: Row) -> None:
    """Count one identified event for everything it stands for."""
    name, day, rating = event["event_name"], event["event_date"], event["rating"]
    is_buyer = _is_buyer(shop, event["customer_id"], event["event_at"])
    if name not in RESERVED_NAMES:
        behaviours[name].append(Occurrence(day, event["event_value"]))
    if name == "share" and is_buyer:
        behaviours["buyer_share"].append(Occurrence(day))
    if name == "review" and rating is not None:
        _add_rating(shop, behaviours, day, rating, is_buyer)


def _add_rating(
    shop: Shop, behaviours: dict, day: date, rating: Any, is_buyer: bool
) -> None:
    """Count one rating, of a review or a survey."""
    behaviours["rated"].append(Occurrence(day, rating))
    if is_buyer and rating >= shop.settings.positive_rating_min:
        behaviours["buyer_positive_review"].append(Occurrence(day))


def _add_referral(shop: Shop, behaviours: dict, referral: Row) -> None:
    """Count one invitation, and its acceptance, for the referrer."""
    behaviours["invite_sent"].append(Occurrence(referral["invited_date"]))
    if referral["accepted_at"] is None:
        return
    accepted = Occurrence(referral["accepted_date"])
    behaviours["referral_accepted"].append(accepted)
    if _is_buyer(shop, referral["referrer_customer_id"], referral["accepted_at"]):
        behaviours["buyer_referral"].append(accepted)


def _is_buyer(shop: Shop, customer: str, instant: Any) -> bool:
    """Whether the customer has a valid order at or before an instant."""
    orders = shop.valid_orders.get(customer)
    return bool(orders) and orders[0]["ordered_at"] <= instant


# Segments over time


def _segmentations(stage_rules: list[Row]) -> list[Segmentation]:
    """The frameworks of the rules, churn status and the snapshot labels."""
    found: dict[str, dict[str, int]] = {}
    for row in stage_rules:
        ranks = found.setdefault(row["framework"], {"none": 0})
        ranks[row["stage_code"]] = int(row["stage_rank"])
    frameworks = [
        Segmentation(name, ranks, "none", tuple(ranks)) for name, ranks in found.items()
    ]
    churn = Segmentation(
        "churn_status",
        {"none": 0, "churned": 1, "active": 2},
        "none",
        ("churned", "active"),
    )
    return [*frameworks, churn, *map(_label_segmentation, snapshot_labels.CODES)]


def _label_segmentation(name: str) -> Segmentation:
    """A segmentation of snapshot labels; who does not exist is `none` or unscored."""
    ranks = snapshot_labels.ranks(name)
    absent = "unscored" if "unscored" in ranks else "none"
    return Segmentation(name, {absent: 0, **ranks}, absent, tuple(ranks), True)


def _all_spans(
    shop: Shop, done: dict, stage_rules: list[Row], labels: dict
) -> dict[str, dict[str, list[Span]]]:
    """Segmentation -> customer -> spans by date."""
    spans: dict[str, dict[str, list[Span]]] = defaultdict(dict)
    frameworks = _rules_by_framework(stage_rules)
    for customer, row in shop.customers.items():
        entry = row["entry_date"]
        stages = _stage_spans(shop, done[customer], entry, frameworks)
        for framework, found in stages.items():
            spans[framework][customer] = found
        spans["churn_status"][customer] = _churn_spans(shop, customer, entry)
        for name in snapshot_labels.CODES:
            spans[name][customer] = _label_spans(shop, customer, entry, labels, name)
    return spans


def _merge(states: list[tuple[date, str]]) -> list[Span]:
    """Spans out of (date, segment from that date on), equal neighbours joined."""
    changes: list[tuple[date, str]] = []
    for day, segment in states:
        if not changes or changes[-1][1] != segment:
            changes.append((day, segment))
    ends = [day for day, _ in changes[1:]] + [None]
    return [Span(day, end, seg) for (day, seg), end in zip(changes, ends, strict=True)]


def _rules_by_framework(
    stage_rules: list[Row],
) -> dict[str, list[tuple[int, str, Rule]]]:
    """Framework -> its rules with rank and stage, highest rank first."""
    frameworks = defaultdict(list)
    for row in stage_rules:
        window = row["window_days"]
        rule = Rule(
            row["behaviour"],
            int(row["min_count"]),
            int(row["min_days"]),
            None if window in (None, "") else int(window),
            Decimal(str(row["min_amount"])),
        )
        frameworks[row["framework"]].append(
            (int(row["stage_rank"]), row["stage_code"], rule)
        )
    for rules in frameworks.values():
        rules.sort(key=lambda each: -each[0])
    return frameworks


def _stage_spans(
    shop: Shop,
    behaviours: dict[str, list[Occurrence]],
    entry: date,
    frameworks: dict[str, list[tuple[int, str, Rule]]],
) -> dict[str, list[Span]]:
    """Framework -> stage spans of one customer from entry to D*."""
    distinct = {rule for rules in frameworks.values() for _, _, rule in rules}
    answers = {
        rule: _rule_spans(shop, rule, behaviours.get(rule.behaviour, []), entry)
        for rule in distinct
    }
    spans = {}
    for framework, rules in frameworks.items():
        starts = {span.start for _, _, rule in rules for span in answers[rule]}
        states = [(day, _top_stage(rules, answers, day)) for day in sorted(starts)]
        spans[framework] = _merge(states)
    return spans


def _top_stage(rules: list, answers: dict[Rule, list[Span]], day: date) -> str:
    """The highest stage with a rule that holds on a date, or none."""
    for _, stage, rule in rules:
        if _segment_on(answers[rule], day) == "holds":
            return stage
    return "none"


def _rule_spans(
    shop: Shop, rule: Rule, found: list[Occurrence], entry: date
) -> list[Span]:
    """When a rule holds: asked on every date on which the answer may change."""
    borders = {entry}
    for each in found:
        borders.add(each.day)
        if rule.window_days is not None:
            borders.add(each.day + timedelta(days=rule.window_days))
        if rule.behaviour == "order":
            borders.update(refund["refund_date"] for refund in each.amount["refunds"])
    states = [
        (day, "holds" if rule_holds(shop, rule, found, day) else "fails")
        for day in sorted(borders)
        if entry <= day <= shop.as_of_date
    ]
    return _merge(states)


def rule_holds(shop: Shop, rule: Rule, found: list[Occurrence], day: date) -> bool:
    """Whether the occurrences (by date) in the window ending on `day` are enough."""
    inside = found[: bisect_right(found, day, key=lambda each: each.day)]
    if rule.window_days is not None:
        before = day - timedelta(days=rule.window_days)
        inside = inside[bisect_right(inside, before, key=lambda each: each.day) :]
    if len(inside) < rule.min_count:
        return False
    if len({each.day for each in inside}) < rule.min_days:
        return False
    return not rule.min_amount or rule.min_amount <= sum(
        _amount_on(shop, rule.behaviour, each, day) for each in inside
    )


def _amount_on(shop: Shop, behaviour: str, found: Occurrence, day: date) -> Any:
    """What an occurrence is worth on a date: an order's refunds come later."""
    if behaviour == "order":
        return shop.net_at(found.amount, day)
    return found.amount or 0


def _churn_spans(shop: Shop, customer: str, entry: date) -> list[Span]:
    """Active and churned spans: churned when idle for more than the threshold."""
    limit = shop.settings.churn_after_days
    marks = [entry, *shop.churn_days.get(customer, [])]
    borders = {*marks, *(mark + timedelta(days=limit + 1) for mark in marks)}
    states = [
        (day, "churned" if _idle_days(marks, day) > limit else "active")
        for day in sorted(borders)
        if day <= shop.as_of_date
    ]
    return _merge(states)


def _idle_days(marks: list[date], day: date) -> int:
    """Days since the last of the dates (sorted) that is not after `day`."""
    return (day - marks[bisect_right(marks, day) - 1]).days


def _label_spans(
    shop: Shop, customer: str, entry: date, labels: dict, name: str
) -> list[Span]:
    """Spans of a snapshot label: that of a month end holds until the next one."""
    states = {entry: snapshot_labels.CODES[name][0]}
    for month_end in shop.month_ends:
        if month_end >= entry:
            states[month_end] = _label(labels, customer, month_end, name)
    return _merge(sorted(states.items()))


def _label(labels: dict, customer: str, day: date, name: str) -> str:
    """A snapshot label; without one, where customers are before the first."""
    return labels.get((customer, day), {}).get(name, snapshot_labels.CODES[name][0])


def _segment_on(spans: list[Span], day: date) -> str | None:
    """The segment on a date, None before the first span."""
    position = bisect_right(spans, day, key=lambda span: span.start)
    return spans[position - 1].segment if position else None


def segments_at_the_end(
    shop: Shop, spans: list[Row], labels: dict
) -> dict[str, dict[str, str]]:
    """Segmentation -> customer -> segment at D*.

    spans: rows of fct_customer_segment_spans. Snapshot labels are those of the D*
    snapshot, other segments those of the current span.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for span in spans:
        if span["is_current"]:
            found[span["segmentation"]][span["customer_id"]] = span["segment"]
    for name in snapshot_labels.CODES:
        for customer in shop.customers:
            found[name][customer] = _label(labels, customer, shop.as_of_date, name)
    return dict(found)


# Tables of segments


def _fct_spans(spans: dict) -> list[Row]:
    """fct_customer_segment_spans."""
    return [
        {
            "segmentation": name,
            "customer_id": customer,
            "segment": span.segment,
            "valid_from": span.start,
            "valid_to": span.end,
            "is_current": span.end is None,
        }
        for name, customers in spans.items()
        for customer, found in customers.items()
        for span in found
    ]


def _segment_counts_daily(
    shop: Shop, segmentations: list[Segmentation], spans: dict
) -> list[Row]:
    """rpt_segment_counts_daily: every stored segment on every day of history."""
    rows = []
    for each in segmentations:
        changes: dict[date, Counter] = defaultdict(Counter)
        for found in spans[each.name].values():
            for span in found:
                changes[span.start][span.segment] += 1
                if span.end is not None:
                    changes[span.end][span.segment] -= 1
        counts: Counter = Counter()
        for day in shop.days:
            counts.update(changes[day])
            existing = counts.total()
            rows += [
                {
                    "segmentation": each.name,
                    "segment": segment,
                    "date_day": day,
                    "customer_count": counts[segment],
                    "customer_share": _ratio(counts[segment], existing),
                }
                for segment in each.stored
            ]
    return rows


def flow_pairs(shop: Shop) -> list[tuple[date, date]]:
    """The date pairs of the flows, each once, by date."""
    if not shop.days:
        return []
    snapshots = shop.snapshot_dates
    pairs = set(zip(snapshots, snapshots[1:], strict=False))
    pairs.add((shop.as_of_date - TREND_DAYS, shop.as_of_date))
    if shop.month_ends:
        pairs.add((shop.history_start_date - ONE_DAY, shop.month_ends[0]))
    return sorted(pairs)


def _flows(
    shop: Shop, segmentations: list[Segmentation], spans: dict
) -> tuple[list[Row], list[Row]]:
    """rpt_segment_flows and rpt_segment_flow_summary."""
    flows, summary = [], []
    for each in segmentations:
        for pair in flow_pairs(shop):
            if each.is_snapshot_label and not _joins_month_ends(shop, pair):
                continue
            cells, new = _flow_cells(each, spans[each.name], *pair)
            flows += _flow_rows(shop, each, pair, cells, new)
            summary += _summary_rows(each, pair, cells)
    return flows, summary


def _joins_month_ends(shop: Shop, pair: tuple[date, date]) -> bool:
    """Whether snapshot labels exist at both ends of a pair."""
    starts = {*shop.month_ends, shop.history_start_date - ONE_DAY}
    return pair[0] in starts and pair[1] in shop.month_ends


def _flow_cells(
    segmentation: Segmentation, customers: dict, date_from: date, date_to: date
) -> tuple[Counter, Counter]:
    """(from, to) -> customers existing at date_to, and those new among them."""
    cells, new = Counter(), Counter()
    for found in customers.values():
        target = _segment_on(found, date_to)
        if target is None:
            continue
        source = _segment_on(found, date_from)
        cell = (source or segmentation.absent, target)
        cells[cell] += 1
        new[cell] += source is None
    return cells, new


def _flow_rows(
    shop: Shop,
    segmentation: Segmentation,
    pair: tuple[date, date],
    cells: Counter,
    new: Counter,
) -> list[Row]:
    """The cells of one pair that somebody is in."""
    date_from, date_to = pair
    is_complete = _is_month_end(date_to) and (
        _is_month_end(date_from) or date_from == shop.history_start_date - ONE_DAY
    )
    starts = Counter()
    for (source, _), count in cells.items():
        starts[source] += count
    return [
        {
            "segmentation": segmentation.name,
            "date_from": date_from,
            "date_to": date_to,
            "from_segment": source,
            "to_segment": target,
            "customer_count": count,
            "customer_share": _ratio(count, starts[source]),
            "new_customer_count": new[source, target],
            "is_complete": is_complete,
        }
        for (source, target), count in sorted(cells.items())
    ]


def _summary_rows(
    segmentation: Segmentation, pair: tuple[date, date], cells: Counter
) -> list[Row]:
    """What became of each segment between the two dates of a pair."""
    ranks, absent = segmentation.ranks, segmentation.absent
    rows = []
    for segment, rank in ranks.items():
        start = {to: n for (source, to), n in cells.items() if source == segment}
        end = {source: n for (source, to), n in cells.items() if to == segment}
        stay = start.get(segment, 0)
        is_absent = segment == absent
        # From `absent` every way leads up, to a code that also has rank 0 too.
        up = [n for to, n in start.items() if ranks[to] > rank or is_absent]
        moved_up = sum(up) - (stay if is_absent else 0)
        down = [n for to, n in start.items() if ranks[to] < rank and to != absent]
        rows.append(
            {
                "segmentation": segmentation.name,
                "date_from": pair[0],
                "date_to": pair[1],
                "segment": segment,
                "start_count": sum(start.values()),
                "end_count": sum(end.values()),
                "stay_count": stay,
                "moved_up_count": moved_up,
                "moved_down_count": sum(down),
                "lost_count": 0 if is_absent else start.get(absent, 0),
                "gained_count": 0 if is_absent else end.get(absent, 0),
                "stay_rate": _ratio(stay, sum(start.values())),
            }
        )
    return rows


def _stage_counts(counts: list[Row], frameworks: set[str], ranks: dict) -> list[Row]:
    """rpt_aipl_stage_counts: the counts of the stage frameworks, with ranks."""
    return [
        {
            "framework": row["segmentation"],
            "stage": row["segment"],
            "date_day": row["date_day"],
            "stage_rank": ranks[row["segmentation"]][row["segment"]],
            "customer_count": row["customer_count"],
            "customer_share": row["customer_share"],
        }
        for row in counts
        if row["segmentation"] in frameworks
    ]


def _stage_flows(flows: list[Row], frameworks: set[str]) -> list[Row]:
    """rpt_aipl_stage_flows: the flows of the stage frameworks."""
    return [
        {
            "framework": row["segmentation"],
            "date_from": row["date_from"],
            "date_to": row["date_to"],
            "from_stage": row["from_segment"],
            "to_stage": row["to_segment"],
            "customer_count": row["customer_count"],
            "customer_share": row["customer_share"],
            "new_customer_count": row["new_customer_count"],
            "is_complete": row["is_complete"],
        }
        for row in flows
        if row["segmentation"] in frameworks
    ]


# Dimensions and facts


def _dim_customers(shop: Shop, spans: dict, labels: dict) -> list[Row]:
    """dim_customers: one row per customer existing at D*."""
    last_login: dict[str, Any] = {}
    for login in shop.logins:
        known = last_login.get(login["customer_id"], login["login_at"])
        last_login[login["customer_id"]] = max(known, login["login_at"])
    return [
        _customer_row(shop, spans, labels, customer, last_login.get(customer))
        for customer in shop.customers
    ]


def _customer_row(
    shop: Shop, spans: dict, labels: dict, customer_id: str, last_login_at: Any
) -> Row:
    """One customer at D*."""
    customer = shop.customers[customer_id]
    as_of, entry = shop.as_of_date, customer["entry_date"]
    orders = shop.valid_orders.get(customer_id, [])
    activity = shop.activity_days.get(customer_id, [])
    net = sum((order["net_amount"] for order in orders), NO_MONEY)
    idle_days = _idle_days([entry, *shop.churn_days.get(customer_id, [])], as_of)
    is_churned = idle_days > shop.settings.churn_after_days
    kept = ("is_guest", "registered_at", "registration_date", "entry_date", "channel")
    return {
        "customer_id": customer_id,
        **{column: customer[column] for column in kept},
        "first_order_at": orders[0]["ordered_at"] if orders else None,
        "last_order_at": orders[-1]["ordered_at"] if orders else None,
        "last_login_at": last_login_at,
        "last_activity_date": activity[-1] if activity else None,
        "valid_order_count": len(orders),
        "net_amount": net,
        "average_order_amount": _ratio(net, len(orders)),
        "tenure_days": (as_of - entry).days,
        "idle_days": idle_days,
        "is_churned": is_churned,
        **_stages_on(spans, customer_id, as_of),
        "churn_status": "churned" if is_churned else "active",
        **{
            name: _label(labels, customer_id, as_of, name)
            for name in snapshot_labels.CODES
        },
    }


def _stages_on(spans: dict, customer_id: str, day: date) -> Row:
    """The stage columns of dim_customers; none in a framework without rules."""
    return {
        column: _segment_on(spans[framework].get(customer_id, []), day) or "none"
        for column, framework in STAGE_COLUMNS.items()
    }


def _dim_dates(shop: Shop) -> list[Row]:
    """dim_dates: one row per day of history."""
    return [
        {
            "date_day": day,
            "week_start_date": shop.week_start(day),
            "month_start_date": shop.month_start(day),
            "is_complete_day": True,
            "is_complete_week": shop.week_start(day) + 6 * ONE_DAY <= shop.as_of_date,
            "is_complete_month": shop.month_end(day) <= shop.as_of_date,
        }
        for day in shop.days
    ]


def _fct_orders(shop: Shop) -> list[Row]:
    """fct_orders: accepted orders of every status."""
    given_net = {
        row.values["order_id"]: row.values["net_amount"]
        for row in shop.raw["orders"]
        if row.accepted
    }
    items: dict[str, list[Row]] = defaultdict(list)
    for item in shop.order_items:
        items[item["order_id"]].append(item)
    sequence = {}
    for orders in shop.valid_orders.values():
        previous = [None, *orders]
        for number, order in enumerate(orders):
            sequence[order["order_id"]] = (number + 1, previous[number])
    return [
        {
            **_order_row(shop, order, items[order["order_id"]]),
            **_in_sequence(order, *sequence.get(order["order_id"], (None, None))),
            "is_net_mismatch": _is_net_mismatch(order, given_net[order["order_id"]]),
        }
        for order in shop.orders
    ]


def _order_row(shop: Shop, order: Row, items: list[Row]) -> Row:
    """One order: its money and what is odd about it."""
    paid = order["gross_amount"] - order["discount_amount"]
    cost = _order_cost(order, items)
    registered_at = shop.customers[order["customer_id"]]["registered_at"]
    kept = (
        "order_id",
        "customer_id",
        "ordered_at",
        "order_date",
        "status",
        "is_valid",
        "store",
        "gross_amount",
        "discount_amount",
        "refund_amount",
        "net_amount",
    )
    return {
        **{column: order[column] for column in kept},
        "cost_amount": cost,
        "margin_amount": _margin(shop.settings, paid, order["net_amount"], cost),
        "is_before_registration": registered_at is not None
        and order["ordered_at"] < registered_at,
        "is_zero_amount": paid == 0,
    }


def _in_sequence(order: Row, number: int | None, previous: Row | None) -> Row:
    """An order's place among the valid ones; both are None if it is not valid."""
    since = (order["order_date"] - previous["order_date"]).days if previous else None
    return {
        "valid_order_number": number,
        "is_first_valid_order": number == 1,
        "days_since_previous_valid_order": since,
    }


def _is_net_mismatch(order: Row, given: Decimal | None) -> bool:
    """Whether the net amount the shop sent is more than a cent off."""
    paid = order["gross_amount"] - order["discount_amount"]
    return given is not None and abs(given - paid) > NET_TOLERANCE


def _order_cost(order: Row, items: list[Row]) -> Decimal | None:
    """Cost of an order: of its items if all are known, else the order's own."""
    if items and all(item["unit_cost"] is not None for item in items):
        return sum((item["quantity"] * item["unit_cost"] for item in items), NO_MONEY)
    return order["cost_amount"]


def _margin(settings: Any, paid: Decimal, net: Decimal, cost: Decimal | None) -> float:
    """Margin of an order: what came back from the customer takes its cost along."""
    if cost is None:
        return float(Fraction(net) * Fraction(str(settings.gross_margin_rate)))
    reverses = settings.refund_reverses_cost and paid != 0
    kept_share = Fraction(net) / Fraction(paid) if reverses else 1
    return float(Fraction(net) - Fraction(cost) * kept_share)


def _fct_order_items(shop: Shop) -> list[Row]:
    """fct_order_items."""
    kept = (
        "order_id",
        "line_number",
        "item_id",
        "category",
        "quantity",
        "unit_price",
        "unit_cost",
    )
    return [
        {
            **{column: item[column] for column in kept},
            "line_amount": item["quantity"] * item["unit_price"],
        }
        for item in shop.order_items
    ]


def _fct_customer_days(shop: Shop, done: dict) -> list[Row]:
    """fct_customer_days: customer and date with at least one occurrence."""
    events = Counter((e["customer_id"], e["event_date"]) for e in shop.events)
    event_days = defaultdict(set)
    for customer, day in events:
        event_days[customer].add(day)
    rows = []
    for customer, behaviours in done.items():
        counts: dict[date, Counter] = defaultdict(Counter)
        net: dict[date, Decimal] = defaultdict(lambda: NO_MONEY)
        for behaviour, found in behaviours.items():
            for each in found:
                counts[each.day][behaviour] += 1
        for each in behaviours.get("order", []):
            net[each.day] += each.amount["net_amount"]
        active = set(shop.activity_days.get(customer, []))
        churn_active = set(shop.churn_days.get(customer, []))
        for day in sorted(counts.keys() | event_days[customer]):
            rows.append(
                {
                    "customer_id": customer,
                    "activity_date": day,
                    "is_activity_day": day in active,
                    "is_churn_activity_day": day in churn_active,
                    "login_count": counts[day]["login"],
                    "valid_order_count": counts[day]["order"],
                    "net_amount": net[day],
                    "event_count": events[customer, day],
                    **{f"{b}_count": counts[day][b] for b in COUNTED_BEHAVIOURS},
                }
            )
    return rows


def _fct_referrals(shop: Shop) -> list[Row]:
    """fct_referrals: accepted rows, pending invitations too."""
    kept = (
        "referral_id",
        "referrer_customer_id",
        "referee_customer_id",
        "invited_at",
        "invited_date",
        "accepted_at",
        "accepted_date",
    )
    return [
        {
            **{column: referral[column] for column in kept},
            "is_accepted": referral["accepted_at"] is not None,
        }
        for referral in shop.referrals
    ]


def _fct_channel_spend(shop: Shop) -> list[Row]:
    """fct_channel_spend."""
    return [
        {
            "spend_date": row["spend_date"],
            "channel": row["channel"],
            "campaign": row["campaign"],
            "spend_amount": row["spend"],
            "impression_count": row["impressions"],
            "click_count": row["clicks"],
        }
        for row in shop.spend
    ]


def _ratio(part: Any, whole: Any) -> float | None:
    """part / whole as a float, None if there is no whole."""
    return float(part) / float(whole) if whole else None


def _is_month_end(day: date) -> bool:
    return (day + ONE_DAY).day == 1
