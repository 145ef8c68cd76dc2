"""Where the project's parts are, and what they say, for the scripts beside this one."""

import os
from pathlib import Path

import yaml

PROJECT = Path(__file__).resolve().parents[1]
# The DuckDB file of profiles.yml.
BUILD_FILE = PROJECT / os.environ.get(
    "CUSTOMER_OPS_DUCKDB", "target/customer_ops_build.duckdb"
)
CONTRACT = PROJECT / "macros" / "inputs" / "input_contract.sql"


def read_project():
    """What dbt_project.yml says."""
    return yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))


def project_variables():
    """The variables of dbt_project.yml with their defaults."""
    return read_project()["vars"]


def read_contract(block="yaml"):
    """The input contract, or another block of its file: the hints beside it."""
    return yaml.safe_load(
        CONTRACT.read_text(encoding="utf-8").split(f"\n# {block}\n")[1]
    )


def literal(text):
    """A text or a path as SQL."""
    return "'" + str(text).replace("'", "''") + "'"
