"""Stage rules, the project's and others, against the oracle, which asks day by day.

Rules are a seed of the project. Instead of a project for every set of them, their table
is replaced in a built database, and the models behind it run again from the SQL that
dbt compiled for them.
"""

import random
from datetime import date, timedelta

import duckdb
import pytest
from compare import assert_same
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import core
from oracle.shop import Settings, load_shop

FIXED_CLOCK = {"future_cutoff_at": "2025-12-31T00:00:00Z"}
SPANS = "fct_customer_segment_spans"

# Everything between the rules and the published spans, which are a view, in order.
MODELS_BEHIND_RULES = (
    "int_segment_rules",
    "int_customer_fingerprints",
    "int_customer_changes",
    "int_rule_borders_by_days",
    "int_rule_borders_by_sums",
    "int_customer_stage_points",
    "int_customer_stage_spans",
)

FIRST_DAY = date(2024, 1, 1)
CUSTOMERS = [f"u{number}" for number in range(12)]


class Rebuild:
    """A built database in which stage rules can be exchanged.

    Has to be made right after the build: the next one overwrites the compiled SQL.
    """

    def __init__(self, warehouse, build):
        self.build = build
        nodes = warehouse.manifest["nodes"]
        compiled = warehouse.folder / "target" / "compiled" / "customer_ops"
        self.rules_table = nodes["seed.customer_ops.stage_rules"]["relation_name"]
        self.tables, self.sql = {}, {}
        for name in MODELS_BEHIND_RULES:
            node = nodes[f"model.customer_ops.{name}"]
            self.tables[name] = node["relation_name"]
            self.sql[name] = (compiled / node["original_file_path"]).read_text("utf-8")

    def spans(self, rules):
        """Rows of the published spans under other rules."""
        columns = ", ".join(f"${name}" for name in rules[0])
        with duckdb.connect(self.build.database) as connection:
            connection.execute(f"delete from {self.rules_table}")
            connection.executemany(
                f"insert into {self.rules_table} ({', '.join(rules[0])}) "
                f"values ({columns})",
                rules,
            )
            for name in MODELS_BEHIND_RULES:
                connection.execute(
                    f"create or replace table {self.tables[name]} as {self.sql[name]}"
                )
        return self.build.table(SPANS)


def busy_shop():
    """A dozen customers who do a little of everything within four months."""
    chance = random.Random(20240101)

    def moment():
        day = FIRST_DAY + timedelta(chance.randrange(120))
        return f"{day} {chance.randrange(24):02}:00:00"

    def somebody():
        return chance.choice(CUSTOMERS)

    orders = [
        {
            "order_id": f"o{number:03}",
            "user_id": somebody(),
            "ordered_at": moment(),
            "status": chance.choice(["paid", "completed", "paid", "cancelled"]),
            "gross_amount": chance.choice(["0.00", "25.00", "49.99", "50.00", "100"]),
        }
        for number in range(120)
    ]
    return {
        "users": [
            {
                "user_id": customer,
                "registered_at": moment(),
                "member_since": chance.choice(["", moment()[:10]]),
            }
            for customer in CUSTOMERS
        ],
        "orders": orders,
        "logins": [
            {"login_id": f"l{number}", "user_id": somebody(), "login_at": moment()}
            for number in range(260)
        ],
        "refunds": [
            {
                "refund_id": f"r{number}",
                "order_id": order["order_id"],
                "refunded_at": str(
                    date.fromisoformat(order["ordered_at"][:10])
                    + timedelta(chance.choice([1, 1, 3, 6, 7, 8, 30, 60]))
                ),
                "amount": chance.choice(["0.01", "25.00", "49.99"]),
            }
            for number, order in enumerate(chance.choices(orders, k=50))
        ],
        "events": [
            {
                "event_id": f"e{number}",
                "user_id": somebody(),
                "event_at": moment(),
                "event_name": chance.choice(["donate", "share", "review", "order"]),
                "rating": chance.choice(["", "3", "4"]),
                "event_value": chance.choice(["", "0.5", "10", "-5"]),
            }
            for number in range(200)
        ],
    }


@pytest.fixture(scope="module")
def busy(warehouse, tmp_path_factory):
    """The busy shop, as built and as the oracle reads it."""
    inputs = busy_shop()
    folder = tmp_path_factory.mktemp("busy")
    build = warehouse.build(folder, vars=FIXED_CLOCK, inputs=inputs, select=f"+{SPANS}")
    shop = load_shop(inputs, Settings.from_vars(FIXED_CLOCK))
    return Rebuild(warehouse, build), shop


CONDITIONS = st.fixed_dictionaries(
    {
        "behaviour": st.sampled_from(
            ["login", "browse", "order", "order", "donate", "donate", "review", "share"]
            + ["rated", "buyer_share", "buyer_positive_review", "membership"]
            + ["registration", "exposure", "nobody_does_this"]
        ),
        "min_count": st.sampled_from(["1", "1", "2", "3", "5", "8"]),
        "min_days": st.sampled_from(["1", "1", "2", "3", "5", "8"]),
        "window_days": st.sampled_from(["1", "2", "7", "15", "30", "60", "730"]),
        "min_amount": st.sampled_from(["0", "0", "0.01", "10", "50", "99.99", "150"]),
    }
)


RANKS = st.lists(st.integers(1, 9), min_size=1, max_size=4, unique=True)


@st.composite
def rule_sets(draw):
    """Two frameworks of up to four stages, each with one to three rules."""
    return [
        {"framework": framework, "stage_code": f"S{rank}", "stage_rank": str(rank)}
        | condition
        for framework in ("F", "G")
        for rank in draw(RANKS)
        for condition in draw(st.lists(CONDITIONS, min_size=1, max_size=3))
    ]


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(rules=rule_sets())
def test_random_rules_give_the_spans_of_the_oracle(busy, rules):
    rebuild, shop = busy
    expected = core.tables(shop, stage_rules=rules)[SPANS]
    assert_same(SPANS, expected, rebuild.spans(rules))


def test_the_own_rules_give_the_same_spans_when_rebuilt(busy):
    rebuild, shop = busy
    rules = core.read_stage_rules()
    assert_same(SPANS, core.tables(shop)[SPANS], rebuild.spans(rules))


def test_both_ways_to_the_borders_of_a_rule_agree(warehouse, tmp_path):
    """Rules on distinct days, evaluated by running sums as any other rule."""
    build = warehouse.build(tmp_path, vars=FIXED_CLOCK, select=f"+{SPANS}")
    rebuild = Rebuild(warehouse, build)
    # The list of customers to compute is empty when a build has finished.
    rebuild.spans(core.read_stage_rules())
    by_sums = rebuild.sql["int_rule_borders_by_sums"]
    switched = by_sums.replace("not is_counted_in_days", "is_counted_in_days")
    assert switched != by_sums
    by_days = build.table("int_rule_borders_by_days")
    assert len(by_days) > 1000

    assert in_order(build.query(switched)) == in_order(by_days)


def in_order(rows):
    """The rows as tuples, sorted."""
    return sorted(tuple(row.values()) for row in rows)


AS_OF = date(2024, 3, 31)


def days_ago(days):
    """The morning of a day before the as-of date, as text."""
    return f"{AS_OF - timedelta(days)} 08:00:00"


# Customer -> days ago of logins, days ago of orders, AIPL stage and churn status.
EXAMPLES = {
    "login_on_17_march": ([14], [], "A", "active"),
    "login_on_16_march": ([15], [], "none", "active"),
    "logins_on_20_and_21_march": ([11, 10], [], "I", "active"),
    "two_logins_on_one_day": ([10, 10], [], "A", "active"),
    "logins_too_far_apart": ([15, 0], [], "A", "active"),
    "order_729_days_ago": ([], [729], "P", "churned"),
    "order_730_days_ago": ([], [730], "none", "churned"),
    "two_orders_on_one_day": ([], [40, 40], "P", "churned"),
    "two_orders_on_two_days": ([], [364, 0], "L", "active"),
    "second_order_day_too_old": ([], [365, 0], "P", "active"),
    "idle_for_30_days": ([30], [], "none", "active"),
    "idle_for_31_days": ([31], [], "none", "churned"),
}


@pytest.fixture(scope="module")
def example_spans(warehouse, tmp_path_factory):
    """Spans of the customers of EXAMPLES, and of Ann of docs/segments.md."""
    customers = {name: (*each[:2], days_ago(800)) for name, each in EXAMPLES.items()}
    customers["ann"] = ([26, 19], [11], days_ago(30))
    inputs = {
        "users": [
            {"user_id": customer, "registered_at": registered_at}
            for customer, (_, _, registered_at) in customers.items()
        ],
        "logins": [
            {"login_id": f"{name}_{n}", "user_id": name, "login_at": days_ago(day)}
            for name, (logins, _, _) in customers.items()
            for n, day in enumerate(logins)
        ],
        "orders": [
            {
                "order_id": f"{customer}_{n}",
                "user_id": customer,
                "ordered_at": days_ago(day),
                "status": "paid",
                "gross_amount": "10.00",
            }
            for customer, (_, orders, _) in customers.items()
            for n, day in enumerate(orders)
        ],
    }
    variables = FIXED_CLOCK | {"as_of_date": str(AS_OF)}
    folder = tmp_path_factory.mktemp("examples")
    select = f"+{SPANS}"
    return warehouse.build(folder, vars=variables, inputs=inputs, select=select)


def test_the_examples_of_aipl_and_churn(example_spans):
    current = {
        (row["segmentation"], row["customer_id"]): row["segment"]
        for row in example_spans.table(SPANS)
        if row["is_current"]
    }
    found = {
        customer: (current["AIPL", customer], current["churn_status", customer])
        for customer in EXAMPLES
    }
    assert found == {customer: tuple(each[2:]) for customer, each in EXAMPLES.items()}


def test_the_example_worked_by_hand_in_the_docs(example_spans):
    def spans(table):
        rows = example_spans.query(
            f"""select segment, cast(valid_from as varchar) as valid_from, valid_to
            from customer_ops_{table} inner join customer_ops_intermediate.int_customers
            using ({"customer_key" if "stage" in table else "customer_id"})
            where customer_id = 'ann' and segmentation = 'AIPL' order by valid_from"""
        )
        return [tuple(row.values()) for row in rows]

    assert spans(f"marts.{SPANS}") == [
        ("none", "2024-03-01", date(2024, 3, 5)),
        ("A", "2024-03-05", date(2024, 3, 12)),
        ("I", "2024-03-12", date(2024, 3, 20)),
        ("P", "2024-03-20", None),
    ]
    planned = spans("intermediate.int_customer_stage_spans")
    assert planned[3] == ("P", "2024-03-20", date(2026, 3, 20))
    assert planned[4] == ("none", "2026-03-20", None)
