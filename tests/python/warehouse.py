"""Builds this project in a folder of the test, with any inputs and variables.

dbt runs inside the test process. A parse takes seconds and a model milliseconds, so the
project is parsed once: variables and the places of inputs are read when a model is
compiled, and every build starts from a copy of the one manifest. Nothing is written
into the repository.
"""

import csv
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from oracle.judging import INPUTS, contract

PROJECT = Path(__file__).resolve().parents[2]
DATABASE = "warehouse.duckdb"

# A list of text rows, a location as a user would write it, or None for an absent input.
Input = list[dict[str, str | None]] | str | None


@dataclass(frozen=True)
class Build:
    """What one dbt command left behind.

    database: the DuckDB file. messages: what dbt said about every node that failed or,
    under the name "dbt", about the command itself. warnings: every warning of the run.
    """

    database: Path
    messages: dict[str, str]
    warnings: list[str]

    @property
    def succeeded(self) -> bool:
        """True when nothing failed."""
        return not self.messages

    def table(self, name: str) -> list[dict]:
        """Rows of a model; timestamps are aware and in UTC. KeyError if not built."""
        return self.query(f"select * from {self._schema(name)}.{name}")

    def query(self, sql: str) -> list[dict]:
        """Rows of a query on the built database."""
        with duckdb.connect(self.database, read_only=True) as connection:
            result = connection.execute(sql)
            columns = [column[0] for column in result.description]
            rows = result.fetchall()
        return [dict(zip(columns, map(_with_zone, row), strict=True)) for row in rows]

    def _schema(self, name: str) -> str:
        found = self.query(
            "select table_schema from information_schema.tables "
            f"where table_name = '{name}'"
        )
        if not found:
            raise KeyError(f"{name} is not built; dbt said: {self.messages}")
        return found[0]["table_schema"]


def _with_zone(value):
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class Warehouse:
    """The project, parsed once, to be built many times.

    folder: where dbt may write what belongs to no build (its target and its logs).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _parse(self) -> tuple[dbtRunnerResult, list[str]]:
        # The manifest keeps the name of the database, which is that of its file.
        return self._invoke(
            ["parse", "--no-partial-parse"], {}, self.folder / DATABASE, None
        )

    @cached_property
    def _without_tests(self) -> Manifest:
        """What a build needs: seeds and models. Hundreds of tests would slow it."""
        manifest = self._parsed.deepcopy()
        manifest.unit_tests.clear()
        for unique_id in [name for name in manifest.nodes if name.startswith("test.")]:
            del manifest.nodes[unique_id]
        manifest.build_parent_and_child_maps()
        return manifest

    @property
    def _parsed(self) -> Manifest:
        result = self._parse[0]
        if not result.success:
            raise RuntimeError(f"the project cannot be parsed: {result.exception}")
        return result.result

    @cached_property
    def manifest(self) -> dict:
        """The manifest of the project with its default variables, as dbt writes it."""
        assert self._parsed
        path = self.folder / "target" / "manifest.json"
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def parse_warnings(self) -> list[str]:
        """What dbt warns of while it reads the project."""
        return self._parse[1]

    def build(
        self,
        folder: Path,
        vars: dict | None = None,
        inputs: dict[str, Input] | None = None,
        select: str | None = None,
        check: bool = True,
        full_refresh: bool = False,
    ) -> Build:
        """Build seeds and models (all, or those selected) in the folder's database.

        What an earlier build left there is gone on from, unless full_refresh is true.
        inputs: a whole shop. Inputs that it does not name are empty if required and
        absent if optional; without any the sample shop is built. Raises AssertionError
        with dbt's messages if something fails and `check` is true.
        """
        database = folder / DATABASE
        arguments = ["build", "--no-write-json"]
        if inputs is not None:
            vars = locations(folder, inputs) | (vars or {})
            arguments += ["--exclude", "path:seeds/shop"]
        if select:
            arguments += ["--select", *select.split()]
        if full_refresh:
            arguments += ["--full-refresh"]
        # A run writes into its manifest; the next one must not see that.
        manifest = self._without_tests.deepcopy()
        result, warnings = self._invoke(arguments, vars or {}, database, manifest)
        build = Build(database, _messages(result), warnings)
        assert build.succeeded or not check, build.messages
        return build

    def compile(self, template: str, vars: dict | None = None) -> str:
        """The SQL that a template becomes on DuckDB."""
        result, _ = self._invoke(
            ["compile", "--no-write-json", "--inline", template],
            vars or {},
            self.folder / DATABASE,
            self._without_tests.deepcopy(),
        )
        if not result.success:
            raise RuntimeError(f"the template cannot be compiled: {result.exception}")
        return result.result.results[0].node.compiled_code

    def _invoke(
        self,
        arguments: list[str],
        vars: dict,
        database: Path,
        manifest: Manifest | None,
    ) -> tuple[dbtRunnerResult, list[str]]:
        warnings = []

        def listen(event):
            if event.info.level == "warn":
                warnings.append(event.info.msg)

        arguments = [*arguments, *self._common_arguments(vars)]
        with patch.dict(os.environ, {"CUSTOMER_OPS_DUCKDB": str(database)}):
            os.environ.pop("IDENTITY_SALT", None)
            result = dbtRunner(manifest=manifest, callbacks=[listen]).invoke(arguments)
        # dbt keeps the file open, and an open file lets no reader in.
        DuckDBConnectionManager.close_all_connections()
        return result, warnings

    def _common_arguments(self, vars: dict) -> list[str]:
        return [
            *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
            *("--target-path", str(self.folder / "target")),
            *("--log-path", str(self.folder / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-print"),
            *("--vars", json.dumps(vars, ensure_ascii=False)),
        ]


def _messages(result: dbtRunnerResult) -> dict[str, str]:
    if result.exception:
        return {"dbt": str(result.exception)}
    return {
        node.node.name: node.message or str(node.status)
        for node in result.result.results
        if node.status not in ("success", "pass", "no-op")
    }


def locations(folder: Path, inputs: dict[str, Input]) -> dict[str, str | None]:
    """Write a shop's rows as csv files and name them in the variables input_*."""
    empty = {name: [] if contract()[name]["required"] else None for name in INPUTS}
    return {
        f"input_{name}": write_csv(folder / f"{name}.csv", name, rows)
        if isinstance(rows, list)
        else rows
        for name, rows in (empty | inputs).items()
    }


def write_csv(path: Path, input_name: str, rows: list[dict[str, str | None]]) -> str:
    """Write text rows with their own columns (no rows: the contract's), return path."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, columns or list(contract()[input_name]["columns"])
        )
        writer.writeheader()
        writer.writerows(rows)
    return str(path)
