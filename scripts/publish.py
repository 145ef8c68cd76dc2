"""Publish the public marts: copy them into a file that clients may open at any time.

    python scripts/publish.py
    python scripts/publish.py --before-build    only says whether a build can begin

A build locks its DuckDB file against readers, and a reader locks out the build. So
clients read published/customer_ops.duckdb only: a copy of every model with
"access: public" that is not an audit table, in the schema marts. It is written under
another name and then renamed, so that nobody ever sees half a file, and in the storage
version that every 1.x client opens.
"""

import argparse
import json
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
TARGET = PROJECT / os.environ.get("DBT_TARGET_PATH", "target")
BUILD_FILE = PROJECT / os.environ.get(
    "CUSTOMER_OPS_DUCKDB", "target/customer_ops_build.duckdb"
)
PUBLISHED_FILE = PROJECT / "published" / "customer_ops.duckdb"
STORAGE_VERSION = "v1.0.0"
PUBLISHED_SCHEMA = "marts"
SCREEN_WIDTH = 88
GRAIN = "Grain: one row per "


class PublishingError(Exception):
    """Something a person has to put right; the message is one sentence for them."""


@dataclass(frozen=True)
class Mart:
    """A public model: its place in the build file, and what a row of it is."""

    database: str
    schema: str
    name: str
    grain: str


def read_marts(manifest_path):
    """The public models of a dbt manifest, by name; audit tables stay unpublished.

    Raises PublishingError if there is no manifest.
    """
    if not manifest_path.exists():
        raise PublishingError(f"{manifest_path} does not exist: run make build first.")
    nodes = json.loads(manifest_path.read_text(encoding="utf-8"))["nodes"].values()
    marts = [
        Mart(
            node["database"],
            node["schema"],
            node["alias"],
            read_grain(node["raw_code"]),
        )
        for node in nodes
        if node["resource_type"] == "model"
        and node["config"]["enabled"]
        and node["config"]["access"] == "public"
        and "audit" not in node["tags"]
    ]
    return sorted(marts, key=lambda mart: mart.name)


def read_grain(sql):
    """What the first lines of a model say a row is: "order (all statuses)"."""
    comment = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    text = " ".join(comment).removeprefix(GRAIN)
    return text.split(";")[0].split(". ")[0].rstrip(".").replace("`", "")


def publish(build_file, published_file, marts):
    """Copy the marts from one DuckDB file to a new one that replaces the other.

    Returns the row count of every mart, in order. If anything fails, the published
    file stays as it was. Raises PublishingError if the build file or a mart is missing
    or the build file is in use.
    """
    if not build_file.exists():
        raise PublishingError(f"{build_file} does not exist: run make build first.")
    published_file.parent.mkdir(parents=True, exist_ok=True)
    with temporary_name(published_file) as new_file:
        row_counts = copy_marts(build_file, new_file, marts)
        new_file.replace(published_file)
    return row_counts


def check_free(build_file):
    """Raise PublishingError if another build, or a client, has the build file open."""
    if build_file.exists():
        try:
            duckdb.connect(build_file).close()
        except duckdb.IOException as error:
            raise PublishingError(
                f"{build_file} is in use, by another build or by a client. Wait for it "
                f"or close it; nothing was changed. ({error})"
            ) from error


@contextmanager
def temporary_name(path):
    """A free name beside path, so that a rename never crosses file systems."""
    name = path.with_name(f".{path.name}.{os.getpid()}")
    wal = name.with_name(name.name + ".wal")
    try:
        yield name
    finally:
        name.unlink(missing_ok=True)
        wal.unlink(missing_ok=True)


def copy_marts(build_file, new_file, marts):
    """Write the marts into new_file; returns the row count of each."""
    # Views name the database they were built in, so it keeps its name.
    build = marts[0].database
    published = f"{build}_published"
    with duckdb.connect() as connection:
        attach_build(connection, build_file, build)
        connection.execute(
            f'attach {quoted(new_file)} as "{published}"'
            f" (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute(f'create schema "{published}".{PUBLISHED_SCHEMA}')
        row_counts = [copy_mart(connection, mart, published) for mart in marts]
        # Nothing may stay behind in a write-ahead log that is not renamed.
        connection.execute(f'checkpoint "{published}"')
        connection.execute(f'detach "{published}"')
    return row_counts


def attach_build(connection, build_file, name):
    """Open the build file for reading under a name."""
    try:
        connection.execute(f'attach {quoted(build_file)} as "{name}" (read_only)')
    except duckdb.IOException as error:
        raise PublishingError(
            f"{build_file} cannot be read; is it open in another program? ({error})"
        ) from error


def copy_mart(connection, mart, published):
    """Copy one mart, a view as a table; returns its row count."""
    try:
        [[row_count]] = connection.execute(
            f'create table "{published}".{PUBLISHED_SCHEMA}."{mart.name}" as'
            f' select * from "{mart.database}"."{mart.schema}"."{mart.name}"'
        ).fetchall()
    except duckdb.CatalogException as error:
        raise PublishingError(
            f"The build file has no table {mart.schema}.{mart.name}: run make build"
            " first."
        ) from error
    return row_count


def quoted(path):
    """A path as a SQL text."""
    return "'" + str(path).replace("'", "''") + "'"


def summary(marts, row_counts):
    """The lines of a table of mart, rows and grain, as wide as a screen at most."""
    name_width = max(len(mart.name) for mart in marts)
    lines = [f"{'mart':{name_width}}  {'rows':>9}  one row per"]
    for mart, row_count in zip(marts, row_counts, strict=True):
        line = f"{mart.name:{name_width}}  {row_count:>9,}  {mart.grain}"
        if len(line) > SCREEN_WIDTH:
            line = line[: SCREEN_WIDTH - 3].rsplit(" ", 1)[0].rstrip(",") + " ..."
        lines.append(line)
    return lines


def main():
    """Publish the last build and say what is where."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build-file", type=Path, default=BUILD_FILE)
    parser.add_argument("--manifest", type=Path, default=TARGET / "manifest.json")
    parser.add_argument("--out", type=Path, default=PUBLISHED_FILE)
    parser.add_argument("--before-build", action="store_true")
    arguments = parser.parse_args()
    try:
        if arguments.before_build:
            check_free(arguments.build_file)
            return
        marts = read_marts(arguments.manifest)
        row_counts = publish(arguments.build_file, arguments.out, marts)
    except PublishingError as error:
        sys.exit(str(error))
    except (duckdb.Error, OSError) as error:
        sys.exit(f"Publishing failed, the published file is as it was: {error}")
    print(*summary(marts, row_counts), sep="\n")
    print(f"\nOpen {os.path.relpath(arguments.out)}, schema {PUBLISHED_SCHEMA}.")


if __name__ == "__main__":
    main()
