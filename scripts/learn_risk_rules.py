"""Learn risk rules from past observations, to be reviewed like any definition.

    python scripts/learn_risk_rules.py            prints what it found
    python scripts/learn_risk_rules.py --write    and writes it into the seed

Grows a shallow decision tree (scikit-learn) over int_customer_risk_features of a built
warehouse: what was known of customers at past month ends, and whether they then stayed
silent. A leaf in which enough of them left becomes a rule learned_1, learned_2 ... in
seeds/reference/risk_rules.csv, in place of the rules learned before. The last month
whose outcome is known takes no part in it: a leaf that does not hold there is refused.
Nor do earlier months whose horizon ends after it. Where the warehouse was built with
other limits in --vars, give them here too. Install requirements-learn.txt first.
"""

import argparse
import csv
import sys
from dataclasses import dataclass
from math import inf, sqrt
from pathlib import Path

import duckdb
import numpy as np
from project import BUILD_FILE, PROJECT, project_variables
from sklearn.tree import DecisionTreeClassifier

RULES_FILE = PROJECT / "seeds" / "reference" / "risk_rules.csv"
TABLE = "int_customer_risk_features"
PREFIX = "learned_"
MAX_DEPTH = 3
# Members without whom a rule's last month says nothing.
LAST_MONTH_SUPPORT = 10
Z = 1.959964

# In the order of macros/definitions/risk.sql.
FEATURES = (
    "profile_completion_pct",
    "friend_count",
    "contacts_imported",
    "tenure_days",
    "idle_days",
    "login_count_7d",
    "login_count_30d",
    "order_count_30d",
    "order_count_365d",
)
# A rule compares it with true and false only.
BOOLEAN = "contacts_imported"
# No feature is below 0. The tree sees an unknown value here; a rule never matches one.
UNKNOWN = -1.0


class LearningError(Exception):
    """Something a person has to know; the message is one sentence for them."""


@dataclass(frozen=True)
class Observations:
    """Customers at past dates: a row of features each, and whether they then left."""

    dates: np.ndarray
    features: np.ndarray
    has_left: np.ndarray

    def at(self, is_chosen):
        """The chosen ones."""
        return Observations(
            self.dates[is_chosen], self.features[is_chosen], self.has_left[is_chosen]
        )


@dataclass(frozen=True)
class Count:
    """How many customers match a rule, and how many of them left."""

    support: int
    left: int

    @property
    def probability(self):
        """Share of those who left, 0 without any member."""
        return self.left / self.support if self.support else 0.0

    @property
    def interval(self):
        """Wilson's 95 % interval of the probability; (0, 1) without any member."""
        if not self.support:
            return 0.0, 1.0
        spread = Z * sqrt(self.left * (1 - self.probability) + Z * Z / 4)
        base = self.support + Z * Z
        return tuple((self.left + Z * Z / 2 + end) / base for end in (-spread, spread))

    def __str__(self):
        return f"{self.left:,} of {self.support:,} left ({self.probability:.3f})"


@dataclass(frozen=True)
class Rule:
    """A leaf as a rule: its conditions, and what became of its members.

    pooled counts all observations, those between train and test included.
    """

    conditions: tuple[tuple[str, str, str], ...]
    train: Count
    test: Count
    pooled: Count

    def __str__(self):
        return " and ".join(" ".join(condition) for condition in self.conditions)


def read_observations(database):
    """All observations whose outcome is known, in a fixed order.

    Raises LearningError if the warehouse is not there, not built or being built.
    """
    if not Path(database).exists():
        raise LearningError(f"{database} does not exist: build the warehouse first.")
    values = ", ".join(
        f"coalesce(cast({feature} as double), {UNKNOWN}) as {feature}"
        for feature in FEATURES
    )
    try:
        with duckdb.connect(database, read_only=True) as connection:
            found = connection.execute(
                "select table_schema from information_schema.tables"
                " where table_name = ?",
                [TABLE],
            ).fetchone()
            if not found:
                raise LearningError(f"{database} has no {TABLE}: build it first.")
            columns = connection.execute(
                f"select observation_date, churned_within_horizon, {values}"
                f' from "{found[0]}".{TABLE} where is_mature'
                " order by observation_date, customer_id"
            ).fetchnumpy()
    except duckdb.IOException as error:
        raise LearningError(
            f"{database} cannot be read while a build is writing it."
        ) from error
    return Observations(
        np.asarray(columns["observation_date"]),
        np.column_stack([np.asarray(columns[name], float) for name in FEATURES]),
        np.asarray(columns["churned_within_horizon"], bool),
    )


def split(observations, min_support, horizon_days):
    """Observations to learn from, and those of the last date, which test.

    Those between them, whose horizon is not over by the last date, would know some of
    its outcome; they do neither. Raises LearningError if there is too little to learn
    from.
    """
    dates = np.unique(observations.dates)
    if len(dates) < 2:
        raise LearningError(
            "Learning needs two observation dates whose horizon is over, one to learn"
            f" from and a later one to test with; there are {len(dates)}."
        )
    horizon = np.timedelta64(horizon_days, "D")
    train = observations.at(observations.dates + horizon <= dates[-1])
    if len(train.dates) < 2 * min_support:
        raise LearningError(
            f"Learning needs {2 * min_support} observations, twice the smallest leaf,"
            " whose horizon is over by the last date; there are"
            f" {len(train.dates)}."
        )
    return train, observations.at(observations.dates == dates[-1])


def grow(train, depth, min_support):
    """A tree fitted to the training observations, the same for the same rows."""
    tree = DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=min_support, random_state=0
    )
    return tree.fit(train.features, train.has_left).tree_


def leaf_ranges(tree, train):
    """For each leaf the range of each feature on its path: index -> (above, at most).

    Ends are values that occur, instead of the tree's own, which lie somewhere between
    two of them.
    """
    leaves, paths = [], [(0, {})]
    while paths:
        node, ranges = paths.pop()
        if tree.children_left[node] == tree.children_right[node]:
            leaves.append(ranges)
            continue
        feature = int(tree.feature[node])
        values = train.features[:, feature]
        # The tree compares in single precision.
        end = float(values[values.astype(np.float32) <= tree.threshold[node]].max())
        low, high = ranges.get(feature, (-inf, inf))
        paths.append(
            (tree.children_right[node], ranges | {feature: (max(low, end), high)})
        )
        paths.append(
            (tree.children_left[node], ranges | {feature: (low, min(high, end))})
        )
    return leaves


def conditions_of(ranges):
    """The rows of a rule, one per feature and operator, in the order of features.

    None if only customers with an unknown value are in the range: no rule matches them.
    """
    conditions = []
    for feature, (low, high) in sorted(ranges.items()):
        name = FEATURES[feature]
        if name == BOOLEAN:
            known = [value for value in (0, 1) if low < value <= high]
            # Both: the leaf asks whether it is known at all, which no rule can.
            if len(known) == 1:
                conditions.append((name, "=", "true" if known[0] else "false"))
            elif not known:
                return None
            continue
        if high < 0:
            return None
        if low == UNKNOWN:
            conditions.append((name, ">=", "0"))
        elif low > -inf:
            conditions.append((name, ">", as_text(low)))
        if high < inf:
            conditions.append((name, "<=", as_text(high)))
    return tuple(conditions)


def as_text(number):
    """A number with as many of its six decimals as it needs."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


def count(conditions, observations):
    """The members of a rule as SQL finds them: an unknown feature matches nothing."""
    is_member = np.ones(len(observations.dates), bool)
    for name, operator, value in conditions:
        values = observations.features[:, FEATURES.index(name)]
        bound = {"true": 1.0, "false": 0.0}.get(value)
        bound = float(value) if bound is None else bound
        is_member &= values != UNKNOWN
        is_member &= {
            ">": values > bound,
            ">=": values >= bound,
            "<=": values <= bound,
            "=": values == bound,
        }[operator]
    return Count(int(is_member.sum()), int(observations.has_left[is_member].sum()))


def learn(observations, depth, min_support, min_probability, horizon_days):
    """Rules of the tree's leaves in which enough customers left, the riskiest first.

    Raises LearningError if there is too little to learn from.
    """
    train, test = split(observations, min_support, horizon_days)
    rules = {}
    for ranges in leaf_ranges(grow(train, depth, min_support), train):
        conditions = conditions_of(ranges)
        if not conditions:
            continue
        rule = Rule(
            conditions,
            *(count(conditions, part) for part in (train, test, observations)),
        )
        if rule.train.probability >= min_probability and rule.train.support > 0:
            rules[conditions] = rule
    return sorted(
        rules.values(),
        key=lambda rule: (-rule.train.probability, -rule.train.support, str(rule)),
    )


def refusal(rule, min_support, min_probability, last_month_support):
    """Why a rule is not written, in one sentence; none if it is."""
    low, high = rule.train.interval
    if rule.train.support < min_support:
        return (
            f"Without the unknown values that no rule matches it has"
            f" {rule.train.support:,} members, fewer than {min_support:,}."
        )
    if rule.test.support < last_month_support:
        return (
            f"The last month has {rule.test.support:,} members, fewer than"
            f" {last_month_support:,}, which test nothing."
        )
    if not low <= rule.test.probability <= high:
        return (
            f"It does not hold in the last month: {rule.test}, outside of"
            f" {low:.3f} to {high:.3f}."
        )
    if rule.pooled.probability < min_probability:
        return f"Over all months it is below {min_probability}: {rule.pooled}."
    return None


def read_rules(path):
    """Header and rows of the seed."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def write_rules(path, rules):
    """Put the rules into the seed, in place of those that were learned before."""
    header, rows = read_rules(path)
    kept = [row for row in rows if not row[0].startswith(PREFIX)]
    learned = [
        [f"{PREFIX}{number}", *condition]
        for number, rule in enumerate(rules, 1)
        for condition in rule.conditions
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *kept, *learned])


def run(arguments):
    """Learn, print what was found, and write it if asked to. Returns the rules kept."""
    min_support = arguments.min_support
    min_probability = arguments.min_probability
    observations = read_observations(arguments.database)
    rules = learn(
        observations,
        arguments.depth,
        min_support,
        min_probability,
        arguments.horizon_days,
    )
    kept = []
    for rule in rules:
        reason = refusal(
            rule, min_support, min_probability, arguments.last_month_support
        )
        low, high = rule.train.interval
        if reason is None:
            kept.append(rule)
        print(f"{f'{PREFIX}{len(kept)}' if reason is None else 'refused'}: {rule}")
        print(f"  learned from: {rule.train}, between {low:.3f} and {high:.3f}")
        print(f"  last month: {rule.test}")
        print(f"  {reason or 'It holds.'}")
    print(
        f"{len(rules)} leaves reach {min_probability} in learning, and {len(kept)} of"
        " them hold in the last month, which took no part in it."
    )
    if arguments.write:
        write_rules(arguments.rules, kept)
        print(f"Written into {arguments.rules}: build, and read fct_churn_rules.")
    else:
        print(f"Nothing is written into {arguments.rules} without --write.")
    return kept


def whole_number(text):
    """A number of members or days from the command line."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return number


def share(text):
    """A number from 0 to 1 from the command line."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def parse_arguments(given):
    settings = project_variables()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--database", type=Path, default=BUILD_FILE, help="the built DuckDB file"
    )
    parser.add_argument(
        "--rules", type=Path, default=RULES_FILE, help="the seed to write into"
    )
    parser.add_argument(
        "--depth",
        type=int,
        default=MAX_DEPTH,
        choices=range(1, MAX_DEPTH + 1),
        help="most conditions of a rule",
    )
    for option, type_, variable in (
        ("--min-support", whole_number, "risk_min_support"),
        ("--min-probability", share, "risk_probability_min"),
        ("--horizon-days", whole_number, "risk_horizon_days"),
    ):
        parser.add_argument(
            option,
            type=type_,
            default=settings[variable],
            help=f"{variable} of the warehouse (default %(default)s)",
        )
    parser.add_argument(
        "--last-month-support",
        type=int,
        default=LAST_MONTH_SUPPORT,
        metavar="MEMBERS",
        help=f"members a rule needs in the last month (default {LAST_MONTH_SUPPORT})",
    )
    parser.add_argument(
        "--write", action="store_true", help="write; without it, only print"
    )
    return parser.parse_args(given)


def main(given=None):
    try:
        run(parse_arguments(given))
    except LearningError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
