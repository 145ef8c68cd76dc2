"""Publish from a DuckDB file into a folder.

A build locks its file against readers, and a reader locks out the build. So each
publication is a folder of its own, builds/<time>, with a DuckDB file in the storage
version that every 1.x client opens, a parquet file for each mart, and manifest.json.
When all of it is there, the link "current" is turned to it; the name by which clients
open the DuckDB file is a link that leads through "current".
"""

import fcntl
import json
import os
import shutil
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from marts import PUBLISHED_SCHEMA, PublishingError, make_manifest
from project import literal

STORAGE_VERSION = "v1.0.0"
ERRORS = (duckdb.Error,)


def publish(build_file, published_file, marts, clock, keep_previous=True):
    """Copy the marts of a build file beside the published ones, then turn the link.

    The folder of the publication before stays for those who still read it, unless
    keep_previous is false; older ones go. Returns the manifest. If anything fails,
    what is published stays as it was. Raises PublishingError if the build file or a
    mart is missing, or if another build or publication is running.
    """
    if not build_file.exists():
        raise PublishingError(f"{build_file} does not exist: run make build.")
    folder = published_file.parent
    builds, current = folder / "builds", folder / "current"
    builds.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        now = datetime.now(UTC)
        new = builds / now.strftime("%Y%m%dT%H%M%S%fZ")
        with temporary_folder(new) as unfinished:
            file = unfinished / published_file.name
            as_of_date, states = copy_marts(build_file, file, marts, clock)
            manifest = write_manifest(unfinished, now, as_of_date, states)
            unfinished.rename(new)
        previous = current.resolve()
        turn_link(current, Path("builds", new.name))
        turn_link(published_file, Path("current", published_file.name))
        remove_builds(builds, {new.name, previous.name if keep_previous else None})
    return manifest


def read_manifest(published_file):
    """What is told of the current publication; None if there is none."""
    path = published_file.parent / "current" / "manifest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


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
def locked(folder):
    """Keep other publications out of a folder; the system lets go however we end."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise PublishingError(
            f"Another publication into {folder} is running. Wait for it."
        ) from error
    finally:
        os.close(handle)


@contextmanager
def temporary_folder(path):
    """A new folder beside path, so that a rename never crosses file systems."""
    folder = path.with_name(f".{path.name}")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def turn_link(link, destination):
    """Let a link lead somewhere else, in one step."""
    new_link = link.with_name(f".{link.name}.new")
    new_link.unlink(missing_ok=True)
    new_link.symlink_to(destination)
    new_link.replace(link)


def remove_builds(builds, kept):
    """Remove the folders of publications, and what killed ones left, except those."""
    try:
        for folder in builds.iterdir():
            if folder.name not in kept:
                shutil.rmtree(folder)
    except OSError as error:
        raise PublishingError(
            f"The marts are published, but an older publication could not be removed: "
            f"{error}. Remove it by hand."
        ) from error


def copy_marts(build_file, new_file, marts, clock):
    """Write the marts into new_file, and each into a parquet file beside it.

    Returns the as-of date, and by mart its row count and content hash.
    """
    # Views name the database they were built in, so it keeps its name.
    build = marts[0].database
    published = f"{build}_published"
    with duckdb.connect() as connection:
        attach_build(connection, build_file, build)
        [[as_of_date]] = connection.execute(
            f"select as_of_date from {clock}"
        ).fetchall()
        connection.execute(
            f'attach {literal(new_file)} as "{published}"'
            f" (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute(f'create schema "{published}".{PUBLISHED_SCHEMA}')
        states = {
            mart.name: copy_mart(connection, mart, published, new_file.parent)
            for mart in marts
        }
        # Nothing may stay behind in a write-ahead log that is not renamed.
        connection.execute(f'checkpoint "{published}"')
        connection.execute(f'detach "{published}"')
    return as_of_date, states


def attach_build(connection, build_file, name):
    """Open the build file for reading under a name."""
    try:
        connection.execute(f'attach {literal(build_file)} as "{name}" (read_only)')
    except duckdb.IOException as error:
        raise PublishingError(
            f"{build_file} cannot be read; is it open in another program? ({error})"
        ) from error


def copy_mart(connection, mart, published, folder):
    """Copy one mart, a view as a table; returns its row count and content hash."""
    table = f'"{published}".{PUBLISHED_SCHEMA}."{mart.name}"'
    try:
        connection.execute(f"create table {table} as select * from {mart.relation}")
    except duckdb.CatalogException as error:
        raise PublishingError(
            f"The build file has no table {mart.schema}.{mart.name}: run make build."
        ) from error
    connection.execute(
        f"copy {table} to {literal(folder / f'{mart.name}.parquet')}"
        " (format parquet, compression zstd)"
    )
    # A sum does not depend on the order of the rows, which is nobody's promise.
    [[row_count, content_hash]] = connection.execute(
        "select count(*), md5(concat(sum(hash(mart)), (select"
        f" string_agg(column_name || ' ' || column_type) from (describe {table}))))"
        f" from {table} as mart"
    ).fetchall()
    return {"rows": row_count, "content_hash": content_hash}


def write_manifest(folder, published_at, as_of_date, states):
    """Write manifest.json into a folder; returns what it says."""
    manifest = make_manifest(published_at, as_of_date, states)
    text = json.dumps(manifest, indent=2)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
    return manifest
