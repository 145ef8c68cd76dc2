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


def read_contract():
    """The input contract: a literal of Jinja that is YAML too."""
    return _read_contract_file("{%- set contract = ", " -%}")


def read_hints():
    """What the columns of the contract are often called elsewhere."""
    return _read_contract_file("\n# hints\n", "\n# hints\n")


def _read_contract_file(start, end):
    text = CONTRACT.read_text(encoding="utf-8").split(start)[1]
    return yaml.safe_load(text.split(end)[0])


def literal(text):
    """A text or a path as SQL."""
    return "'" + str(text).replace("'", "''") + "'"
