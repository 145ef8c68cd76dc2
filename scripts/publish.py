"""Publish the public marts of the last build, where clients may read at any time.

    python scripts/publish.py
    python scripts/publish.py --target postgres
    python scripts/publish.py --before-build    only says whether a build can begin
    python scripts/publish.py --build-failed    only says what is still published

What is published is every model with "access: public" that is not an audit table, in
the schema marts, and only if the last dbt build made all of them and every test passed.
How: publish_duckdb.py and publish_postgres.py. For whom: docs/publishing.md.
"""

import argparse
import os
import shutil
import sys
from functools import partial
from pathlib import Path

import publish_duckdb
from marts import (
    PUBLISHED_SCHEMA,
    PublishingError,
    check_results,
    find_clock,
    find_marts,
    read_models,
)
from project import BUILD_FILE, PROJECT

TARGET = PROJECT / os.environ.get("DBT_TARGET_PATH", "target")
PUBLISHED_FILE = PROJECT / "published" / "customer_ops.duckdb"
SCREEN_WIDTH = 88
# With less free than that, a build that failed most likely wanted more.
LITTLE_SPACE = 100 * 2**20


def still_published(manifest):
    """A sentence on what clients read now."""
    if not manifest:
        return "Nothing has been published so far."
    return (
        f"Clients still read the marts published {manifest['published_at']}, as of "
        f"{manifest['as_of_date']}."
    )


def little_space(folder):
    """A sentence on a disk that is full, or next to; else nothing."""
    free = shutil.disk_usage(folder).free if folder.exists() else LITTLE_SPACE
    if free >= LITTLE_SPACE:
        return ""
    return (
        f" The disk is full: {free / 2**20:,.0f} MiB are free in {folder}. Make room, "
        "or name a file elsewhere by CUSTOMER_OPS_DUCKDB, and build again."
    )


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


def chosen(arguments):
    """The target's publish(marts, clock), read_manifest(), errors, and its place."""
    if arguments.target == "postgres":
        # Only a build on PostgreSQL installs its client.
        import publish_postgres as postgres

        place = f"Connect as a member of {postgres.READER}"
        return postgres.publish, postgres.read_manifest, postgres.ERRORS, place
    publish = partial(
        publish_duckdb.publish,
        arguments.build_file,
        arguments.out,
        keep_previous=not arguments.remove_previous,
    )
    read_manifest = partial(publish_duckdb.read_manifest, arguments.out)
    place = f"Open {os.path.relpath(arguments.out)}"
    return publish, read_manifest, publish_duckdb.ERRORS, place


def publish_build(artifacts, target, publish):
    """Publish what the last dbt build made; returns the marts and the manifest."""
    models = read_models(artifacts / "manifest.json", target)
    marts = find_marts(models)
    check_results(artifacts / "run_results.json", marts, target)
    return marts, publish(marts=marts, clock=find_clock(models))


def main():
    """Publish the last build and say what is where, or what is still published."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--target", choices=["duckdb", "postgres"], default="duckdb")
    add("--before-build", action="store_true", help="only whether a build can begin")
    add("--build-failed", action="store_true", help="only what is still published")
    add("--artifacts", type=Path, default=TARGET, help="dbt's target folder")
    add("--build-file", type=Path, default=BUILD_FILE, help="DuckDB: published from")
    add("--out", type=Path, default=PUBLISHED_FILE, help="DuckDB: published as")
    add(
        "--remove-previous",
        action="store_true",
        help="DuckDB: also the publication before, which else stays for its readers",
    )
    arguments = parser.parse_args()
    publish, read_manifest, errors, place = chosen(arguments)
    try:
        if arguments.before_build:
            publish_duckdb.check_free(arguments.build_file)
            return
        if arguments.build_failed:
            raise PublishingError(
                "The build failed, so nothing was published."
                + little_space(arguments.build_file.parent)
            )
        marts, manifest = publish_build(arguments.artifacts, arguments.target, publish)
    except PublishingError as error:
        fail(str(error), read_manifest, errors)
    except KeyboardInterrupt:
        fail("Publishing was interrupted.", read_manifest, errors)
    except (*errors, OSError) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        fail(f"Publishing failed: {reason}.", read_manifest, errors)
    row_counts = [manifest["marts"][mart.name]["rows"] for mart in marts]
    print(*summary(marts, row_counts), sep="\n")
    print(f"\n{place}, schema {PUBLISHED_SCHEMA}.")


def fail(reason, read_manifest, errors):
    """End with a sentence on what went wrong, and one on what clients read now."""
    try:
        state = still_published(read_manifest())
    except (PublishingError, *errors, OSError):
        state = "What is published could not be read."
    sys.exit(f"{reason} {state}")


if __name__ == "__main__":
    main()
