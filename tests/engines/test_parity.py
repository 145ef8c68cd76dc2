"""One project, three engines: the sample shop has the same rows on all of them.

Where CUSTOMER_OPS_DUCKDB, PGDATABASE or SPARK_FOLDER name a place in which the sample
was built before, it is compared as it stands; else it is built.
"""

import os
from pathlib import Path

import pytest
from compare import differences
from engines import DuckDB, Engine, EngineError, PostgreSQL, Spark
from warehouse import PROJECT


def named_place(name: str, folder: Path) -> Engine:
    """The place on an engine that the environment names."""
    if name == "postgres":
        if "PGDATABASE" not in os.environ:
            raise EngineError(
                "PGDATABASE is not set: these tests need a PostgreSQL server. "
                "Run: make test-engines"
            )
        return PostgreSQL(folder, os.environ["PGDATABASE"])
    variable = {"duckdb": "CUSTOMER_OPS_DUCKDB", "spark": "SPARK_FOLDER"}[name]
    given = os.environ.get(variable)
    place = PROJECT / given if given else None
    return DuckDB(folder, place) if name == "duckdb" else Spark(folder, place)


@pytest.fixture(scope="module")
def sample(tmp_path_factory, public):
    """sample("spark"): every public table of the sample shop on that engine."""
    read = {}

    def tables(name):
        if name not in read:
            engine = named_place(name, tmp_path_factory.mktemp(name))
            if engine.is_empty():
                engine.build()
            read[name] = engine.tables(public)
        return read[name]

    return tables


@pytest.mark.parametrize("name", ["postgres", "spark"])
def test_every_public_table_equals_that_of_duckdb(sample, public, name):
    expected, got = sample("duckdb"), sample(name)
    found = [
        line
        for table in public
        for line in differences(table, expected[table], got[table])[:5]
    ]
    assert not found, "\n".join(found)


def test_no_table_of_the_sample_is_empty(sample, public):
    assert [table for table in public if not sample("duckdb")[table]] == []
