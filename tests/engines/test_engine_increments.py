"""A build on top of an earlier one equals a build from empty, on every engine.

tests/python/test_increments.py looks at this from many sides on DuckDB; here one shop
goes through all of its changes at once.
"""

from collections.abc import Iterator

import pytest
from compare import differences
from engines import Engine, Inputs
from growing_shop import END, START, changed, clock, known_on

BEFORE = known_on(START), clock(START)
AFTER = changed().inputs, END
# Marts of tables that other engines keep from build to build.
KEPT = "fct_customer_days audit_rejected_rows"


def as_cells(inputs: Inputs) -> Inputs:
    """The rows with nulls where a csv has nothing."""
    return {
        name: [{key: cell or None for key, cell in row.items()} for row in rows]
        for name, rows in inputs.items()
    }


def build(engine: Engine, state: tuple[Inputs, dict], *arguments: str) -> Engine:
    inputs, vars = state
    engine.build(*arguments, inputs=as_cells(inputs), vars=vars)
    return engine


def unlike(expected: Engine, got: Engine, relations: dict[str, str]) -> Iterator[str]:
    """The first differences of every table, one line each."""
    wanted, found = expected.tables(relations), got.tables(relations)
    for table in relations:
        yield from differences(table, wanted[table], found[table])[:5]


def test_postgres_goes_on_from_what_it_has(new_engine, public):
    fresh = build(new_engine("postgres"), AFTER)
    grown = build(new_engine("postgres"), BEFORE)
    assert list(unlike(fresh, grown, public))
    build(grown, AFTER)
    assert not list(unlike(fresh, grown, public))


@pytest.mark.full
def test_spark_makes_its_tables_anew(new_engine, public):
    relations = {name: public[name] for name in KEPT.split()}
    selection = ("--select", *(f"+{name}" for name in relations))
    fresh = build(new_engine("duckdb"), AFTER, *selection)
    spark = build(new_engine("spark"), BEFORE, *selection)
    assert list(unlike(fresh, spark, relations))
    build(spark, AFTER, *selection)
    assert not list(unlike(fresh, spark, relations))
