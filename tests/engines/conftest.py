"""Fixtures that the tests of the engines share."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from engines import DuckDB, Engine, PostgreSQL, Spark

NAMES = ["duckdb", "postgres", "spark"]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory) -> dict:
    """What dbt knows of the project."""
    engine = DuckDB(tmp_path_factory.mktemp("parsed"))
    engine.dbt("parse")
    path = engine.folder / "target" / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def models(manifest) -> list[dict]:
    """The models of the project, as the manifest has them."""
    return [
        node for node in manifest["nodes"].values() if node["resource_type"] == "model"
    ]


@pytest.fixture(scope="session")
def public(models) -> dict[str, str]:
    """Public table -> its schema."""
    return {
        node["alias"]: node["schema"]
        for node in models
        if node["config"]["access"] == "public"
    }


@pytest.fixture(scope="module")
def new_engine(tmp_path_factory) -> Iterator[Callable[[str], Engine]]:
    """new_engine("spark"): an empty place on an engine, gone after the module."""
    with ExitStack() as stack:
        count = 0

        def create(name: str) -> Engine:
            nonlocal count
            count += 1
            folder: Path = tmp_path_factory.mktemp(name)
            if name == "postgres":
                database = f"customer_ops_test_{os.getpid()}_{count}"
                return stack.enter_context(PostgreSQL.new(folder, database))
            return {"duckdb": DuckDB, "spark": Spark}[name](folder)

        yield create
