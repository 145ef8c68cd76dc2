"""Builds this project on an engine and reads back what was built.

Rows come as dicts with the same Python types from every engine: texts, integers,
floats, Decimals, dates, booleans, and timestamps without a zone, in UTC.

dbt runs as a process of its own: Spark's JVM lives in it and ends with it.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg2
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.extras import execute_values
from warehouse import PROJECT

Row = dict[str, object]
# Rows of texts by input, as a csv would hold them.
Inputs = dict[str, list[dict[str, str | None]]]

SPARK_QUERIES = Path(__file__).with_name("spark_queries.py")
DBT = "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()"
SETTINGS = ("CUSTOMER_OPS_DUCKDB", "SPARK_FOLDER", "SPARK_METHOD", "IDENTITY_SALT")


class EngineError(Exception):
    """A command failed, or an engine is not there; the text says what to do."""


class Engine:
    """A place on an engine where this project is built.

    target: its name in profiles.yml. folder: where dbt writes its target and logs.
    """

    target: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """What profiles.yml reads to find the place."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Whether nothing was built here yet."""
        raise NotImplementedError

    def load(self, inputs: Inputs) -> dict[str, str]:
        """Store rows of inputs; returns the variables input_* that name them."""
        raise NotImplementedError

    def read(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        """The rows of named queries."""
        raise NotImplementedError

    def tables(self, relations: dict[str, str]) -> dict[str, list[Row]]:
        """The rows of tables: name -> schema. EngineError names one that is missing."""
        return self.read(
            {
                name: f"select * from {schema}.{name}"
                for name, schema in relations.items()
            }
        )

    def build(
        self, *arguments: str, vars: dict | None = None, inputs: Inputs | None = None
    ) -> None:
        """Build seeds and models on top of what is there.

        arguments: further ones of dbt. inputs: a whole shop instead of the sample.
        EngineError holds what dbt said if anything failed.
        """
        given = {}
        if inputs is not None:
            given = self.load(inputs)
        self.dbt(
            *("build", "--exclude-resource-type", "test", "unit_test"),
            *arguments,
            vars=given | (vars or {}),
        )

    def compile(self, template: str, vars: dict | None = None) -> str:
        """The SQL that a template becomes on this engine."""
        output = self.dbt(
            "compile", "--inline", template, "--output", "json", vars=vars
        )
        return json.loads(output[output.index("{") :])["compiled"]

    def dbt(self, *arguments: str, vars: dict | None = None) -> str:
        """Run dbt here and return what it printed; EngineError if it fails."""
        environment = {
            name: value for name, value in os.environ.items() if name not in SETTINGS
        }
        # -c keeps this folder off the path of Spark's workers.
        return run(
            [
                *(sys.executable, "-c", DBT, "--quiet", *arguments),
                *("--target", self.target, "--vars", json.dumps(vars or {})),
                *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
                *("--target-path", str(self.folder / "target")),
                *("--log-path", str(self.folder / "logs")),
            ],
            environment | self.environment,
            self.folder,
        )


class DuckDB(Engine):
    """A database file, in the folder unless another is named."""

    target = "duckdb"

    def __init__(self, folder: Path, file: Path | None = None) -> None:
        super().__init__(folder)
        self.file = file or folder / "customer_ops_build.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        return {"CUSTOMER_OPS_DUCKDB": str(self.file)}

    def is_empty(self) -> bool:
        return not self.file.exists()

    def load(self, inputs: Inputs) -> dict[str, str]:
        return write_parquet(self.folder / "inputs", inputs)

    def read(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        file = ":memory:" if self.is_empty() else self.file
        with duckdb.connect(file, read_only=not self.is_empty()) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return {
                name: as_rows(connection.execute(sql)) for name, sql in queries.items()
            }


class PostgreSQL(Engine):
    """A database of the server that PGHOST, PGPORT and PGUSER name."""

    target = "postgres"

    def __init__(self, folder: Path, database: str) -> None:
        super().__init__(folder)
        self.database = database

    @classmethod
    @contextmanager
    def new(cls, folder: Path, database: str) -> Iterator["PostgreSQL"]:
        """An empty database of that name, dropped afterwards."""
        execute(
            "postgres",
            f"drop database if exists {database} with (force)",
            f"create database {database} template template0",
        )
        try:
            yield cls(folder, database)
        finally:
            execute("postgres", f"drop database {database} with (force)")

    @property
    def environment(self) -> dict[str, str]:
        # Compiling the staging of a small shop takes PostgreSQL far longer than
        # running it.
        return {"PGDATABASE": self.database, "PGOPTIONS": "-c jit=off"}

    def is_empty(self) -> bool:
        count = (
            "select count(*) as n from information_schema.tables "
            "where table_schema like 'customer_ops%'"
        )
        return self.read({"count": count})["count"] == [{"n": 0}]

    def load(self, inputs: Inputs) -> dict[str, str]:
        with connected(self.database) as cursor:
            cursor.execute("drop schema if exists given cascade; create schema given")
            for name, rows in inputs.items():
                columns = list(rows[0])
                types = ", ".join(f"{column} text" for column in columns)
                cursor.execute(f"create table given.{name} ({types})")
                execute_values(
                    cursor,
                    f"insert into given.{name} values %s",
                    [[row[column] for column in columns] for row in rows],
                    page_size=1000,
                )
        return {f"input_{name}": f"given.{name}" for name in inputs}

    def read(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        found = {}
        with connected(self.database) as cursor:
            cursor.execute("set timezone = 'UTC'")
            for name, sql in queries.items():
                cursor.execute(sql)
                found[name] = as_rows(cursor)
        return found


class Spark(Engine):
    """The warehouse that local sessions keep in the folder, or in another."""

    target = "spark"

    def __init__(self, folder: Path, warehouse: Path | None = None) -> None:
        super().__init__(folder)
        self.warehouse = warehouse or folder / "spark"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "SPARK_METHOD": "session",
            "SPARK_FOLDER": str(self.warehouse),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }

    def is_empty(self) -> bool:
        return not (self.warehouse / "warehouse").exists()

    def load(self, inputs: Inputs) -> dict[str, str]:
        return write_parquet(self.folder / "inputs", inputs)

    def read(self, queries: dict[str, str]) -> dict[str, list[Row]]:
        answers = self.folder / "answers"
        request = self.folder / "queries.json"
        request.write_text(json.dumps(queries), encoding="utf-8")
        run(
            [
                *(sys.executable, str(SPARK_QUERIES)),
                *(str(self.warehouse), str(request), str(answers)),
            ],
            os.environ | self.environment,
            self.folder,
        )
        return {
            name: [
                {column: plain(value) for column, value in row.items()}
                for row in pq.read_table(answers / name).to_pylist()
            ]
            for name in queries
        }


def run(command: list[str], environment: dict[str, str], folder: Path) -> str:
    """Run a command in a folder; returns its output, EngineError if it fails."""
    done = subprocess.run(
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise EngineError(done.stdout[-6000:] + done.stderr[-3000:])
    return done.stdout


@contextmanager
def connected(database: str):
    """A cursor on a database; every statement is a transaction of its own."""
    missing = [
        name for name in ("PGHOST", "PGPORT", "PGUSER") if name not in os.environ
    ]
    if missing:
        raise EngineError(
            f"{' and '.join(missing)} not set: these tests need a PostgreSQL server. "
            "Run: make test-engines"
        )
    connection = psycopg2.connect(dbname=database)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
    except psycopg2.Error as error:
        raise EngineError(str(error)) from error
    finally:
        connection.close()


def execute(database: str, *statements: str) -> None:
    """Run statements, each in a transaction of its own."""
    with connected(database) as cursor:
        for statement in statements:
            cursor.execute(statement)


def write_parquet(folder: Path, inputs: Inputs) -> dict[str, str]:
    """Write rows as parquet files of texts; returns the variables that name them."""
    folder.mkdir(exist_ok=True)
    for name, rows in inputs.items():
        schema = pa.schema([(column, pa.string()) for column in rows[0]])
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / f"{name}.parquet")
    return {f"input_{name}": str(folder / f"{name}.parquet") for name in inputs}


def as_rows(result) -> list[Row]:
    """The rows of an executed cursor."""
    columns = [column[0] for column in result.description]
    return [
        dict(zip(columns, map(plain, row), strict=True)) for row in result.fetchall()
    ]


def plain(value: object) -> object:
    """A timestamp without its zone, which is UTC; anything else as it is."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value
