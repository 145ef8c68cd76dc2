"""On Spark a public name is a view, turned to a table when that is complete."""

import pytest
from engines import EngineError, Inputs
from test_engine_increments import BEFORE, as_cells

TABLES = {"fct_orders": "customer_ops_marts", "dim_customers": "customer_ops_marts"}
SELECTION = ("--select", *(f"+{name}" for name in TABLES))


def too_rich(inputs: Inputs) -> Inputs:
    """The shop, with a customer whose orders add up to more than money can hold."""
    order = next(row for row in inputs["orders"] if row["status"] == "completed")
    large = order | {"gross_amount": "999999999999999.00", "net_amount": None}
    more = [large | {"order_id": f"large_{number}"} for number in range(20)]
    return inputs | {"orders": inputs["orders"] + more}


def versions(spark) -> list[str]:
    """The tables that stand behind fct_orders."""
    rows = spark.read({"v": "show tables in customer_ops_marts like 'fct_orders__*'"})
    return sorted(row["tableName"] for row in rows["v"])


@pytest.fixture
def spark(new_engine):
    inputs, vars = BEFORE
    engine = new_engine("spark")
    engine.build(*SELECTION, inputs=as_cells(inputs), vars=vars)
    return engine


def test_a_build_that_fails_leaves_every_public_table(spark):
    inputs, vars = BEFORE
    before = spark.tables(TABLES)
    with pytest.raises(EngineError):
        spark.build(*SELECTION, inputs=too_rich(as_cells(inputs)), vars=vars)
    after = spark.tables(TABLES)
    assert len(after["dim_customers"]) == len(before["dim_customers"]) > 0
    spark.build(*SELECTION, inputs=as_cells(inputs), vars=vars)
    assert len(versions(spark)) <= 2
