"""What a dbt build has for publication, and whether all of it may be published."""

import json
from dataclasses import dataclass
from datetime import UTC

PUBLISHED_SCHEMA = "marts"
CLOCK = "stg_shop__clock"
GRAIN = "Grain: one row per "
GOOD = {"success", "pass", "warn", "no-op"}


class PublishingError(Exception):
    """Something a person has to put right; the message is one sentence for them."""


@dataclass(frozen=True)
class Mart:
    """A public model: its place in the build, and what a row of it is."""

    database: str
    schema: str
    name: str
    grain: str

    @property
    def relation(self):
        """The quoted name that dbt gives it."""
        return f'"{self.database}"."{self.schema}"."{self.name}"'


def read_models(manifest_path, target):
    """The enabled models of a dbt manifest, as dbt describes them.

    Raises PublishingError if there is no manifest, or it is of another target.
    """
    if not manifest_path.exists():
        raise PublishingError(f"{manifest_path} does not exist: {run_build(target)}.")
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    last = manifest["metadata"]["adapter_type"]
    if last != target:
        raise PublishingError(
            f"The last dbt command was for {last}: {run_build(target)}, or publish with"
            f" --target {last}."
        )
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["enabled"]
    ]


def run_build(target):
    """What a person shall do where there is no build to publish."""
    return "run make build" + (f" TARGET={target}" if target != "duckdb" else "")


def find_marts(models):
    """The public ones among the models, by name; audit tables stay unpublished."""
    marts = [
        Mart(
            node["database"],
            node["schema"],
            node["alias"],
            read_grain(node["raw_code"]),
        )
        for node in models
        if node["config"]["access"] == "public" and "audit" not in node["tags"]
    ]
    return sorted(marts, key=lambda mart: mart.name)


def find_clock(models):
    """The quoted name of the table that holds the as-of date."""
    return next(node["relation_name"] for node in models if node["name"] == CLOCK)


def read_grain(sql):
    """What the first lines of a model say a row is: "order (all statuses)"."""
    comment = []
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    text = " ".join(comment).removeprefix(GRAIN)
    return text.split(";")[0].split(". ")[0].rstrip(".").replace("`", "")


def check_results(results_path, marts, target):
    """Raise PublishingError unless the last dbt command made every mart, without error.

    A test that only warns is no error.
    """
    if not results_path.exists():
        raise PublishingError(f"{results_path} does not exist: {run_build(target)}.")
    results = json.loads(results_path.read_text(encoding="utf-8"))["results"]
    bad = [result for result in results if result["status"] not in GOOD]
    if bad:
        # What was skipped was skipped because of another.
        bad.sort(key=lambda result: result["status"] == "skipped")
        names = listed([result["unique_id"].split(".")[2] for result in bad])
        raise PublishingError(
            f"The last dbt command failed ({names}): mend that and {run_build(target)}."
        )
    built = {
        result["relation_name"] for result in results if result["status"] == "success"
    }
    missing = [mart.name for mart in marts if mart.relation not in built]
    if missing:
        raise PublishingError(
            f"The last dbt command did not build {listed(missing)}, and marts of two"
            f" builds do not go together: {run_build(target)}, or dbt build without a"
            " selection."
        )


def listed(names):
    """The first names of a list: "a, b, c and 7 more"."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def make_manifest(published_at, as_of_date, states):
    """What is told of a publication: from when, of which date, and by mart."""
    return {
        "published_at": published_at.astimezone(UTC).isoformat(timespec="seconds"),
        "as_of_date": as_of_date and as_of_date.isoformat(),
        "marts": states,
    }
