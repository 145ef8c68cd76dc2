"""Learning risk rules: what is found, what is refused, and that SQL agrees with it."""

import shutil
from dataclasses import replace
from datetime import date, timedelta
from math import inf

import duckdb
import learn_risk_rules
import pytest
import warehouse as warehouse_module
from learn_risk_rules import (
    FEATURES,
    LAST_MONTH_SUPPORT,
    RULES_FILE,
    LearningError,
    conditions_of,
    leaf_ranges,
    learn,
    read_observations,
    read_rules,
    refusal,
    write_rules,
)
from warehouse import PROJECT, Warehouse

MONTH_ENDS = [date(2024, month, 1) - timedelta(days=1) for month in (4, 5, 6, 7)]
LIMITS = {"min_support": 30, "min_probability": 0.8, "horizon_days": 30}


def feature_file(path, rows):
    """A warehouse that holds nothing but the table to learn from.

    rows: observation date, customer, whether she left, features that are not 50.
    """
    with duckdb.connect(path) as connection:
        connection.execute(
            "create schema shop; create table shop.int_customer_risk_features ("
            "observation_date date, customer_id text, is_mature boolean,"
            " churned_within_horizon boolean, profile_completion_pct decimal(18, 6),"
            " friend_count integer, contacts_imported boolean, tenure_days bigint,"
            " idle_days bigint, login_count_7d bigint, login_count_30d bigint,"
            " order_count_30d bigint, order_count_365d bigint)"
        )
        usual = dict.fromkeys(FEATURES, 50) | {"contacts_imported": True}
        connection.executemany(
            "insert into shop.int_customer_risk_features values"
            f" (?, ?, ?, ?, {', '.join('?' * len(FEATURES))})",
            [
                [day, customer, left is not None, left, *(usual | features).values()]
                for day, customer, left, features in rows
            ],
        )
    return path


def shop(last_month_left=38, last_month_members=40):
    """At each month end 40 rare visitors, most of whom leave, and 120 others.

    last_month_left of the visitors leave after the last month, whose outcome is known.
    """
    rows = []
    for day in MONTH_ENDS:
        is_last = day == MONTH_ENDS[-1]
        for number in range(last_month_members if is_last else 40):
            left = number < (last_month_left if is_last else 38)
            rows.append((day, f"rare{number}", left, {"login_count_30d": number % 4}))
        for number in range(120):
            features = {"login_count_30d": 5 + number % 9}
            rows.append((day, f"often{number}", number % 30 == 0, features))
    # Nobody knows yet.
    rows.append((date(2024, 7, 31), "rare0", None, {"login_count_30d": 0}))
    return rows


def learned(tmp_path, rows, depth=3, **limits):
    """The rules of a shop, each with the reason it is refused for, or none."""
    limits = LIMITS | limits
    observations = read_observations(feature_file(tmp_path / "features.duckdb", rows))
    rules = learn(observations, depth, **limits)
    del limits["horizon_days"]
    return {
        str(rule): refusal(rule, **limits, last_month_support=LAST_MONTH_SUPPORT)
        for rule in rules
    }


def test_a_planted_rule_is_found(tmp_path):
    assert learned(tmp_path, shop(), depth=1) == {"login_count_30d <= 3": None}


def test_it_is_found_the_same_again(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    assert learned(first, shop()) == learned(second, list(reversed(shop())))


def test_a_rule_that_does_not_hold_in_the_last_month_is_refused(tmp_path):
    (reason,) = learned(tmp_path, shop(last_month_left=20), depth=1).values()
    assert reason.startswith(
        "It does not hold in the last month: 20 of 40 left (0.500)"
    )


def test_a_rule_that_holds_too_well_is_refused_as_well(tmp_path):
    """A month unlike the others says that the rule is about something else."""
    rows = [
        (day, customer, left and not customer.endswith("7"), features)
        if day < MONTH_ENDS[-1]
        else (day, customer, customer.startswith("rare"), features)
        for day, customer, left, features in shop()
        if left is not None
    ]
    reasons = learned(tmp_path, rows, depth=1)
    assert "does not hold" in reasons["login_count_30d <= 3"]


def test_a_last_month_with_few_members_tests_nothing(tmp_path):
    rows = shop(last_month_left=9, last_month_members=9)
    (reason,) = learned(tmp_path, rows, depth=1).values()
    assert reason == "The last month has 9 members, fewer than 10, which test nothing."


def test_a_leaf_below_the_limit_is_no_rule(tmp_path):
    assert learned(tmp_path, shop(), depth=1, min_probability=0.96) == {}


def test_a_rule_must_reach_the_limit_over_all_months_too(tmp_path):
    """SQL counts the last month in: a rule it would not list is not worth a row."""
    reasons = learned(tmp_path, shop(last_month_left=36), depth=1, min_probability=0.94)
    assert reasons == {
        "login_count_30d <= 3": "Over all months it is below 0.94: "
        "150 of 160 left (0.938)."
    }


def test_depth_bounds_the_conditions_of_a_rule(tmp_path):
    rows = [
        (day, customer, left, features | {"friend_count": number % 7, "idle_days": 9})
        for number, (day, customer, left, features) in enumerate(shop())
    ]
    for depth in (1, 2, 3):
        folder = tmp_path / str(depth)
        folder.mkdir()
        for rule in learned(folder, rows, depth=depth):
            features = {condition.split()[0] for condition in rule.split(" and ")}
            assert len(features) <= depth


def test_too_few_observations_are_said_in_a_sentence(tmp_path):
    rows = [row for row in shop() if row[1] == "rare0"]
    with pytest.raises(LearningError, match="needs 60 observations.* there are 3"):
        learned(tmp_path, rows)


def test_a_single_month_cannot_be_learned_from_and_tested_with(tmp_path):
    rows = [row for row in shop() if row[0] == MONTH_ENDS[0]]
    with pytest.raises(LearningError, match="two observation dates.* there are 1"):
        learned(tmp_path, rows)


@pytest.mark.parametrize(
    ("horizon_days", "month_count"), [(30, 3), (31, 2), (61, 2), (62, 1), (91, 1)]
)
def test_a_month_whose_outcome_reaches_into_the_last_is_not_learned_from(
    tmp_path, horizon_days, month_count
):
    """The 30th day after 31 May is 30 June, the last month end itself."""
    database = feature_file(tmp_path / "features.duckdb", shop())
    observations = read_observations(database)
    train, test = learn_risk_rules.split(observations, 30, horizon_days)
    days = [str(day)[:10] for day in sorted(set(train.dates))]
    assert days == [str(day) for day in MONTH_ENDS[:month_count]]
    assert {str(day)[:10] for day in test.dates} == {str(MONTH_ENDS[-1])}
    (rule,) = learn(observations, 1, **LIMITS | {"horizon_days": horizon_days})
    assert (rule.train.support, rule.test.support) == (40 * month_count, 40)
    # SQL lists by all months: so does the script.
    assert rule.pooled.support == 160


def test_a_horizon_longer_than_history_leaves_nothing_to_learn_from(tmp_path):
    with pytest.raises(LearningError, match="horizon is over by .* there are 0"):
        learned(tmp_path, shop(), horizon_days=92)


def test_nothing_is_learned_from_a_shop_where_nobody_leaves(tmp_path):
    rows = [(day, customer, False, features) for day, customer, _, features in shop()]
    assert learned(tmp_path, rows) == {}


def test_unknown_values_are_no_members(tmp_path):
    """The tree puts them beside the low ones, where SQL finds nobody."""
    rows = [
        (day, customer, left, {"friend_count": None if "rare" in customer else 9})
        for day, customer, left, _ in shop()
    ]
    assert learned(tmp_path, rows, depth=1) == {}


def test_a_leaf_of_unknown_and_low_values_needs_enough_low_ones(tmp_path):
    rows = []
    for day, customer, left, _ in shop():
        if left is not None and customer.startswith("rare"):
            is_known = int(customer.removeprefix("rare")) >= 36
            rows.append(
                (day, customer, True, {"friend_count": 1 if is_known else None})
            )
        elif left is not None:
            rows.append((day, customer, left, {"friend_count": 9}))
    (reason,) = learned(tmp_path, rows, depth=1).values()
    assert reason == (
        "Without the unknown values that no rule matches it has 12 members, fewer than"
        " 30."
    )


@pytest.mark.parametrize(
    ("feature", "low", "high", "rule"),
    [
        ("friend_count", 2, 5, "friend_count > 2 and friend_count <= 5"),
        ("friend_count", -1, inf, "friend_count >= 0"),
        ("profile_completion_pct", -inf, 49.9, "profile_completion_pct <= 49.9"),
        ("contacts_imported", 0, inf, "contacts_imported = true"),
        ("contacts_imported", -inf, 0, "contacts_imported = false"),
        ("contacts_imported", -1, 0, "contacts_imported = false"),
        ("contacts_imported", -1, inf, ""),
    ],
)
def test_a_range_becomes_conditions(feature, low, high, rule):
    conditions = conditions_of({FEATURES.index(feature): (low, high)})
    assert " and ".join(" ".join(condition) for condition in conditions) == rule


@pytest.mark.parametrize("feature", ["friend_count", "contacts_imported"])
def test_a_leaf_of_unknown_values_is_no_rule(feature):
    assert conditions_of({FEATURES.index(feature): (-inf, -1)}) is None


def test_only_the_tightest_bound_of_a_feature_is_kept(tmp_path):
    rows = [
        (day, f"u{number}", 10 <= number < 50, {"idle_days": number})
        for day in MONTH_ENDS
        for number in range(120)
    ]
    database = feature_file(tmp_path / "features.duckdb", rows)
    train, _ = learn_risk_rules.split(read_observations(database), 30, 30)
    tree = learn_risk_rules.grow(train, 3, 30)
    for ranges in leaf_ranges(tree, train):
        operators = [condition[:2] for condition in conditions_of(ranges)]
        assert len(operators) == len(set(operators))
    assert "idle_days > 9 and idle_days <= 49" in learned_again(database)


def learned_again(database):
    return [str(rule) for rule in learn(read_observations(database), 3, **LIMITS)]


def test_a_missing_file_and_a_missing_table_are_said_in_a_sentence(tmp_path):
    with pytest.raises(LearningError, match="does not exist"):
        read_observations(tmp_path / "none.duckdb")
    duckdb.connect(tmp_path / "empty.duckdb").close()
    with pytest.raises(LearningError, match="has no int_customer_risk_features"):
        read_observations(tmp_path / "empty.duckdb")


def test_features_are_those_that_sql_knows():
    macro = (PROJECT / "macros/definitions/risk.sql").read_text(encoding="utf-8")
    listed = macro.split("macro risk_features()")[1].split("]")[0].split("'")[1::2]
    assert list(FEATURES) == listed


def test_without_write_nothing_is_written(tmp_path, capsys):
    rules_file = tmp_path / "risk_rules.csv"
    shutil.copy(RULES_FILE, rules_file)
    database = feature_file(tmp_path / "features.duckdb", shop())
    options = ["--database", str(database), "--rules", str(rules_file), "--depth", "1"]
    learn_risk_rules.main(options)
    said = capsys.readouterr().out
    assert "learned_1: login_count_30d <= 3" in said
    assert "  last month: 38 of 40 left (0.950)\n  It holds.\n" in said
    assert rules_file.read_text() == RULES_FILE.read_text()
    learn_risk_rules.main([*options, "--write"])
    assert rules_file.read_text() == (
        RULES_FILE.read_text() + "learned_1,login_count_30d,<=,3\n"
    )


def test_limits_are_those_of_the_project_unless_given(tmp_path, capsys):
    usual = learn_risk_rules.parse_arguments([])
    assert {name: getattr(usual, name) for name in LIMITS} == LIMITS
    database = feature_file(tmp_path / "features.duckdb", shop())
    options = ["--database", str(database), "--depth", "1"]
    for given, said in (
        (["--min-probability", "0.96"], "0 leaves reach 0.96"),
        (["--min-support", "121"], "0 leaves reach 0.8"),
        (["--horizon-days", "62"], "learned from: 38 of 40 left"),
    ):
        learn_risk_rules.main([*options, *given])
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "given",
    [
        ("--min-support", "0"),
        ("--horizon-days", "0"),
        ("--min-probability", "-0.1"),
        ("--min-probability", "1.1"),
        ("--min-probability", "80%"),
    ],
)
def test_a_limit_out_of_range_is_refused(given, capsys):
    with pytest.raises(SystemExit):
        learn_risk_rules.main(list(given))
    assert f"argument {given[0]}: " in capsys.readouterr().err


def test_main_ends_with_the_sentence(tmp_path):
    with pytest.raises(SystemExit, match="does not exist: build the warehouse first"):
        learn_risk_rules.main(["--database", str(tmp_path / "none.duckdb")])


def test_earlier_learned_rules_are_replaced_and_others_stay(tmp_path):
    rules_file = tmp_path / "risk_rules.csv"
    rules_file.write_text(
        "rule_id,feature,operator,value\nlearned_1,idle_days,>,3\n"
        "mine,idle_days,>=,20\nlearned_2,idle_days,>,4\n"
    )
    database = feature_file(tmp_path / "features.duckdb", shop())
    rules = learn(read_observations(database), 1, **LIMITS)
    write_rules(rules_file, [*rules, replace(rules[0], conditions=(("a", "=", "1"),))])
    assert read_rules(rules_file)[1] == [
        ["mine", "idle_days", ">=", "20"],
        ["learned_1", "login_count_30d", "<=", "3"],
        ["learned_2", "a", "=", "1"],
    ]
    write_rules(rules_file, [])
    assert read_rules(rules_file)[1] == [["mine", "idle_days", ">=", "20"]]


def raw_shop():
    """Six months of registrations: two in five come for two weeks, and few return."""
    users, logins = [], []
    for number in range(900):
        registered = date(2024, 1, 1) + timedelta(days=number % 182)
        leaves = number % 5 < 2
        users.append(
            {
                "user_id": f"u{number}",
                "registered_at": str(registered),
                "friend_count": str(number % 3 if leaves else 3 + number % 20),
                "profile_completion_pct": f"{number % 100}.5" if number % 7 else None,
                "contacts_imported": ["true", "false", None][number % 3],
            }
        )
        days = list(range(0, 14 if leaves else 220, 3 + number % 5))
        if leaves and number % 60 < 5:
            days += [25, 50, 75]
        logins += [
            {"user_id": f"u{number}", "login_at": str(registered + timedelta(days=day))}
            for day in days
            if registered + timedelta(days=day) <= date(2024, 8, 15)
        ]
    return {"users": users, "logins": logins}


def test_sql_finds_what_the_script_found(tmp_path, monkeypatch, capsys):
    """The written seed builds, and its back-test has the figures of the script."""
    project = tmp_path / "project"
    for folder in ("macros", "models", "seeds", "tests/generic"):
        shutil.copytree(PROJECT / folder, project / folder)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, project / name)
    monkeypatch.setattr(warehouse_module, "PROJECT", project)
    (tmp_path / "runs").mkdir()
    arguments = {
        "folder": tmp_path,
        "inputs": raw_shop(),
        "vars": {"future_cutoff_at": "2025-12-31T00:00:00Z"},
    }
    built = Warehouse(tmp_path / "runs").build(
        select="+int_customer_risks", **arguments
    )
    rules_file = project / "seeds" / "reference" / "risk_rules.csv"
    kept = learn_risk_rules.run(
        learn_risk_rules.parse_arguments(
            ["--database", str(built.database), "--rules", str(rules_file), "--write"]
        )
    )
    assert kept, capsys.readouterr().out

    # The seed is another one now: the project is read again.
    warehouse = Warehouse(tmp_path / "runs")
    part = warehouse.build(select="int_customer_risks", check=False, **arguments)
    said = "The seed risk_rules (seeds/reference/risk_rules.csv) has changed"
    assert said in part.messages["dbt"]
    built = warehouse.build(
        select="+fct_customer_churn_risks +fct_churn_rules", **arguments
    )
    found = {row["rule_id"]: row for row in built.table("fct_churn_rules")}
    assert set(found) == {"thin_profile"} | {
        f"learned_{number}" for number in range(1, len(kept) + 1)
    }
    for number, rule in enumerate(kept, 1):
        row = found[f"learned_{number}"]
        low, high = rule.pooled.interval
        assert row["condition"] == str(rule)
        assert row["train_support_count"] == rule.train.support
        assert row["train_churn_probability"] == rule.train.probability
        assert row["test_support_count"] == rule.test.support
        assert row["test_churn_probability"] == rule.test.probability
        assert row["support_count"] == rule.pooled.support
        assert row["churned_count"] == rule.pooled.left
        assert row["churn_probability_low"] == pytest.approx(low, abs=1e-12)
        assert row["churn_probability_high"] == pytest.approx(high, abs=1e-12)
    listed = [row for row in built.table("fct_customer_churn_risks") if row["rule_id"]]
    assert {row["rule_id"] for row in listed} <= set(found)
    assert listed
