"""On Spark a public name is a view, turned to a table when that is complete."""

import pytest
from engines import EngineError
from test_engine_increments import BEFORE, as_cells

TABLE = {"fct_channel_spend": "customer_ops_marts"}
VERSIONS = "show tables in customer_ops_marts like 'fct_channel_spend__*'"


@pytest.mark.full
def test_a_build_that_fails_leaves_the_public_table(new_engine):
    spark = new_engine("spark")
    inputs, vars = BEFORE
    spark.build("--select", "+fct_channel_spend", inputs=as_cells(inputs), vars=vars)
    before = spark.tables(TABLE)
    statement = "drop view customer_ops_staging.stg_shop__marketing_spend"
    spark.dbt("run-operation", "run_query", "--args", f"{{sql: {statement}}}")
    with pytest.raises(EngineError, match="fct_channel_spend"):
        spark.dbt("run", "--select", "fct_channel_spend")
    assert spark.tables(TABLE) == before
    assert before["fct_channel_spend"]
    assert len(spark.read({"versions": VERSIONS})["versions"]) == 1
