"""Publishing: only public marts, whole or not at all, readable by every client."""

import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import md5
from pathlib import Path

import duckdb
import marts
import publish
import publish_duckdb
import pytest
from marts import Mart, PublishingError

ORDERS = Mart("build", "shop_marts", "fct_orders", "order")
DAYS = Mart("build", "shop_marts", "rpt_days", "date")
CLOCK = "build.shop_staging.clock"
SCRIPT = Path(publish.__file__)
# Of the steps of a publication, those before the one that clients see, and that one.
STEPS_BEFORE = ("copy_marts", "copy_mart", "write_manifest", "turn_link")
STEPS_AFTER = ("remove_builds",)


@pytest.fixture
def build_file(tmp_path):
    """A build file with a table, a view, a clock, and an audit table."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute(
            "create schema shop_marts; create schema shop_audit;"
            "create schema shop_staging"
        )
        connection.execute(
            "create table shop_marts.fct_orders as"
            " select 'o1' as order_id, 9.90::decimal(18, 2) as net_amount"
            " union all select 'o2', null"
        )
        connection.execute(
            "create table shop_marts.days as select date '2024-02-29' as date_day;"
            "create view shop_marts.rpt_days as from build.shop_marts.days"
        )
        connection.execute(
            "create table shop_staging.clock as select date '2024-02-29' as as_of_date"
        )
        connection.execute("create table shop_audit.audit_rejected_rows (raw text)")
    return path


@pytest.fixture
def published_file(tmp_path):
    """Where to publish: a folder that does not exist yet."""
    return tmp_path / "published" / "shop.duckdb"


@pytest.fixture
def artifacts(tmp_path):
    """dbt's target folder after a build without errors of the two marts."""
    folder = tmp_path / "target"
    folder.mkdir()
    nodes = [
        manifest_node("fct_orders"),
        manifest_node("rpt_days"),
        manifest_node(marts.CLOCK, access="protected", relation_name=CLOCK),
    ]
    manifest = {"metadata": {"adapter_type": "duckdb"}, "nodes": dict(enumerate(nodes))}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    write_results(folder)
    return folder


def write_results(folder, mart_status="success", test_status="pass"):
    """Write what dbt says of a build of two marts and a test."""
    results = [
        result("model.shop.fct_orders", "success", ORDERS.relation),
        result("test.shop.unique_order_id.0a1b", test_status),
        result("model.shop.rpt_days", mart_status, DAYS.relation),
    ]
    (folder / "run_results.json").write_text(json.dumps({"results": results}))


def result(unique_id, status, relation=None):
    """What dbt says of one node."""
    return {"unique_id": unique_id, "status": status, "relation_name": relation}


def put(build_file, published_file, *copied, **options):
    """Publish those marts, both if none is named; returns the manifest."""
    return publish_duckdb.publish(
        build_file, published_file, list(copied or (ORDERS, DAYS)), CLOCK, **options
    )


def change(build_file, sql):
    """Change what was built."""
    with duckdb.connect(build_file) as connection:
        connection.execute(sql)


def command(artifacts, build_file, published_file, *words, code=None, limit=None):
    """Run the script; returns its exit code, its output, and what it complained of.

    code: Python to run before it. limit: the words that the command stands behind.
    """
    start = [SCRIPT]
    if code:
        start = [
            "-c",
            f"import runpy, sys; {code}; runpy.run_path({str(SCRIPT)!r},"
            " run_name='__main__')",
        ]
    done = subprocess.run(
        [
            *(limit or []),
            *(sys.executable, *start, "--artifacts", artifacts),
            *("--build-file", build_file, "--out", published_file, *words),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(SCRIPT.parent)},
    )
    return done.returncode, done.stdout, done.stderr


def files(published_file):
    """What lies in the folder: path -> digest, links followed."""
    folder = published_file.parent
    return {
        str(path.relative_to(folder)): md5(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def builds(published_file):
    """The folders of publications."""
    return sorted(path.name for path in (published_file.parent / "builds").iterdir())


def read(path, sql):
    """The rows a client gets."""
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def manifest_node(name, **changes):
    """A model as a dbt manifest describes it."""
    config = {"enabled": True, "access": changes.pop("access", "public")}
    return {
        "resource_type": "model",
        "name": name,
        "database": "build",
        "schema": "shop_marts",
        "alias": name,
        "relation_name": f'"build"."shop_marts"."{name}"',
        "config": config,
        "tags": ["core"],
        "raw_code": "-- Grain: one row per day\n-- and shop; all of them.\n\nselect 1",
    } | changes


def test_a_client_reads_the_rows_and_types_that_were_built(build_file, published_file):
    manifest = put(build_file, published_file)

    assert [mart["rows"] for mart in manifest["marts"].values()] == [2, 1]
    rows = "from {} select * order by all"
    for mart in (ORDERS, DAYS):
        built = read(build_file, rows.format(f"{mart.schema}.{mart.name}"))
        assert read(published_file, rows.format(f"marts.{mart.name}")) == built
    types = "select column_type from (describe marts.fct_orders)"
    assert read(published_file, types) == [("VARCHAR",), ("DECIMAL(18,2)",)]


def test_a_view_becomes_a_table_and_nothing_else_is_copied(build_file, published_file):
    put(build_file, published_file)

    tables = (
        "select table_schema, table_name, table_type from information_schema.tables"
    )
    assert sorted(read(published_file, tables)) == [
        ("marts", "fct_orders", "BASE TABLE"),
        ("marts", "rpt_days", "BASE TABLE"),
    ]


def test_every_client_since_1_0_can_open_the_file(build_file, published_file):
    put(build_file, published_file, ORDERS)

    tags = "select tags from duckdb_databases() where not internal"
    [[tags]] = read(published_file, tags)
    assert tags["storage_version"].startswith("v1.0.0")


def test_who_has_the_old_file_open_goes_on_reading_it(build_file, published_file):
    put(build_file, published_file)
    count = "select count(*) from marts.fct_orders"
    with duckdb.connect(published_file, read_only=True) as reader:
        change(build_file, "delete from shop_marts.fct_orders")
        for _ in range(3):
            put(build_file, published_file)

        assert reader.execute(count).fetchone() == (2,)
    assert read(published_file, count) == [(0,)]


def test_file_parquet_and_manifest_are_turned_together(build_file, published_file):
    put(build_file, published_file)
    folder = published_file.parent
    [build] = builds(published_file)

    assert published_file.resolve() == folder / "builds" / build / "shop.duckdb"
    assert (folder / "current").resolve() == folder / "builds" / build
    assert sorted(path.name for path in (folder / "current").iterdir()) == [
        "fct_orders.parquet",
        "manifest.json",
        "rpt_days.parquet",
        "shop.duckdb",
    ]
    assert read(published_file, "from marts.fct_orders order by all") == (
        duckdb.execute(
            f"from '{folder}/current/fct_orders.parquet' order by all"
        ).fetchall()
    )


def test_the_links_still_lead_there_when_the_folder_is_moved(
    build_file, published_file
):
    put(build_file, published_file)
    moved = published_file.parent.rename(published_file.parent.with_name("elsewhere"))

    assert read(moved / published_file.name, "from marts.rpt_days") != []


def test_the_last_publication_stays_for_its_readers_and_older_ones_go(
    build_file, published_file
):
    names = []
    for _ in range(3):
        put(build_file, published_file)
        names.append((published_file.parent / "current").resolve().name)

    assert builds(published_file) == names[1:]
    put(build_file, published_file, keep_previous=False)
    assert len(builds(published_file)) == 1


def test_a_file_of_earlier_versions_gives_way_to_the_link(build_file, published_file):
    published_file.parent.mkdir()
    published_file.write_text("not a link")
    put(build_file, published_file)

    assert read(published_file, "select count(*) from marts.rpt_days") == [(1,)]


def test_the_manifest_tells_date_rows_and_content(build_file, published_file):
    put(build_file, published_file)
    manifest = publish_duckdb.read_manifest(published_file)

    assert manifest["as_of_date"] == "2024-02-29"
    assert re.fullmatch(
        r"2\d{3}(-\d\d){2}T\d\d:\d\d:\d\d\+00:00", manifest["published_at"]
    )
    assert [(name, mart["rows"]) for name, mart in manifest["marts"].items()] == [
        ("fct_orders", 2),
        ("rpt_days", 1),
    ]


@pytest.mark.parametrize(
    ("sql", "is_same"),
    [
        # The rows in another order, and nothing else.
        (
            "insert into shop_marts.fct_orders from shop_marts.fct_orders limit 1;"
            "delete from shop_marts.fct_orders where rowid = 0",
            True,
        ),
        (
            "update shop_marts.fct_orders set net_amount = 9.91 where order_id = 'o1'",
            False,
        ),
        ("insert into shop_marts.fct_orders from shop_marts.fct_orders", False),
        ("delete from shop_marts.fct_orders", False),
        ("alter table shop_marts.fct_orders rename net_amount to amount", False),
    ],
)
def test_the_content_hash_is_of_the_rows_not_of_their_order(
    build_file, published_file, sql, is_same
):
    before = put(build_file, published_file)["marts"]
    change(build_file, sql)
    after = put(build_file, published_file)["marts"]

    assert after["rpt_days"] == before["rpt_days"]
    assert (after["fct_orders"] == before["fct_orders"]) is is_same
    assert re.fullmatch("[0-9a-f]{32}", after["fct_orders"]["content_hash"])


def test_a_copy_that_fails_leaves_the_old_marts_and_no_others(
    build_file, published_file
):
    put(build_file, published_file, ORDERS)
    before = files(published_file)

    missing = Mart("build", "shop_marts", "fct_missing", "nothing")
    with pytest.raises(PublishingError, match=r"no table shop_marts.fct_missing"):
        put(build_file, published_file, DAYS, missing)

    assert files(published_file) == before


@pytest.mark.parametrize("step", [*STEPS_BEFORE, *STEPS_AFTER])
def test_a_publication_that_is_killed_leaves_the_old_marts_or_the_new_ones(
    artifacts, build_file, published_file, step
):
    put(build_file, published_file)
    before = files(published_file)
    change(build_file, "delete from shop_marts.fct_orders")
    kill = (
        "import os, publish_duckdb;"
        f"publish_duckdb.{step} = lambda *_: os.kill(os.getpid(), 9)"
    )
    code, _, _ = command(artifacts, build_file, published_file, code=kill)

    assert code == -9
    left = files(published_file)
    is_new = step in STEPS_AFTER
    assert {name: left[name] for name in before if name.startswith("builds")} == {
        name: before[name] for name in before if name.startswith("builds")
    }
    count = "select count(*) from marts.fct_orders"
    assert read(published_file, count) == [(0 if is_new else 2,)]
    assert publish_duckdb.read_manifest(published_file)["marts"]["fct_orders"][
        "rows"
    ] == (0 if is_new else 2)
    # The next one takes away what was left.
    put(build_file, published_file)
    assert len(builds(published_file)) == 2
    assert not [name for name in builds(published_file) if name.startswith(".")]


def test_a_missing_build_is_said_in_a_sentence(tmp_path, published_file):
    with pytest.raises(PublishingError, match="run make build"):
        put(tmp_path / "none.duckdb", published_file)
    with pytest.raises(PublishingError, match="run make build TARGET=postgres"):
        marts.read_models(tmp_path / "manifest.json", "postgres")
    with pytest.raises(PublishingError, match="run make build"):
        marts.check_results(tmp_path / "run_results.json", [ORDERS], "duckdb")
    assert not published_file.exists()


def test_only_public_models_outside_the_audit_are_marts():
    found = marts.find_marts(
        [
            manifest_node("rpt_days"),
            manifest_node("fct_orders"),
            manifest_node("int_orders", access="protected"),
            manifest_node("audit_rejected_rows", tags=["audit"]),
        ]
    )

    assert [mart.name for mart in found] == ["fct_orders", "rpt_days"]
    assert {mart.grain for mart in found} == {"day and shop"}


def test_seeds_and_disabled_models_are_no_marts(artifacts):
    path = artifacts / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["nodes"]["seed"] = manifest_node("raw", resource_type="seed")
    manifest["nodes"]["off"] = manifest_node("rpt_off", config={"enabled": False})
    path.write_text(json.dumps(manifest))

    names = [node["name"] for node in marts.read_models(path, "duckdb")]
    assert names == ["fct_orders", "rpt_days", marts.CLOCK]


def test_a_build_of_another_target_is_not_published(artifacts):
    with pytest.raises(PublishingError, match="last dbt command was for duckdb"):
        marts.read_models(artifacts / "manifest.json", "postgres")


def test_the_script_publishes_and_says_where(artifacts, build_file, published_file):
    code, output, _ = command(artifacts, build_file, published_file)

    assert code == 0
    assert output.splitlines()[1].split() == ["fct_orders", "2", "day", "and", "shop"]
    assert output.endswith(
        f"Open {os.path.relpath(published_file, Path.cwd())}, schema marts.\n"
    )


@pytest.mark.parametrize(
    ("statuses", "sentence"),
    [
        ({"test_status": "fail"}, "last dbt command failed (unique_order_id)"),
        (
            {"test_status": "fail", "mart_status": "skipped"},
            "last dbt command failed (unique_order_id, rpt_days)",
        ),
        ({"mart_status": "error"}, "last dbt command failed (rpt_days)"),
    ],
)
def test_a_failed_test_publishes_nothing_and_says_what_is_still_published(
    artifacts, build_file, published_file, statuses, sentence
):
    command(artifacts, build_file, published_file)
    before = files(published_file)
    change(build_file, "delete from shop_marts.fct_orders")
    write_results(artifacts, **statuses)
    code, output, error = command(artifacts, build_file, published_file)

    assert (code, output) == (1, "")
    assert sentence in error
    assert re.search(
        r"still read the marts published 2.*, as of 2024-02-29\.\n$", error
    )
    assert files(published_file) == before


def test_a_test_that_warns_lets_publish(artifacts, build_file, published_file):
    write_results(artifacts, test_status="warn")

    assert command(artifacts, build_file, published_file)[0] == 0


def test_a_build_of_some_marts_only_is_not_published(artifacts):
    extra = Mart("build", "shop_marts", "fct_other", "x")
    with pytest.raises(PublishingError, match="did not build fct_other, and marts of"):
        marts.check_results(
            artifacts / "run_results.json", [ORDERS, DAYS, extra], "duckdb"
        )


def test_a_failed_build_is_told_what_is_still_published(
    artifacts, build_file, published_file
):
    words = (artifacts, build_file, published_file, "--build-failed")
    code, _, error = command(*words)
    assert code == 1
    assert error.endswith("nothing was published. Nothing has been published so far.\n")

    put(build_file, published_file)
    code, _, error = command(*words)
    assert code == 1
    assert "as of 2024-02-29" in error


@pytest.mark.parametrize(("free", "is_said"), [(100 * 2**20, False), (2**20, True)])
def test_a_build_that_fills_the_disk_is_told_so(tmp_path, monkeypatch, free, is_said):
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    sentence = publish.little_space(tmp_path)
    assert (f"1 MiB are free in {tmp_path}" in sentence) == is_said


def without_privileges():
    """The words before a command that is to heed the rights of files, also for root."""
    return ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


@pytest.mark.parametrize("folder", [".", "builds"])
def test_a_folder_that_may_not_be_written_is_a_sentence(
    artifacts, build_file, published_file, folder
):
    put(build_file, published_file)
    before = files(published_file)
    forbidden = published_file.parent / folder
    forbidden.chmod(0o555)
    try:
        code, _, error = command(
            artifacts, build_file, published_file, limit=without_privileges()
        )
    finally:
        forbidden.chmod(0o755)

    assert code == 1
    assert error.startswith("Publishing failed: [Errno 13] Permission denied:")
    assert "as of 2024-02-29" in error
    assert files(published_file).items() >= before.items()
    assert read(published_file, "select count(*) from marts.fct_orders") == [(2,)]


def test_a_disk_that_is_full_is_a_sentence(artifacts, build_file, published_file):
    put(build_file, published_file)
    before = files(published_file)
    change(build_file, "insert into shop_marts.days select '2024-01-01' from range(99)")
    # No file may grow beyond 64 KiB: the write fails where a full disk would fail it.
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))"
    code, _, error = command(artifacts, build_file, published_file, code=limit)

    assert code == 1
    assert error.startswith("Publishing failed: ")
    assert "Traceback" not in error
    assert "as of 2024-02-29" in error
    assert files(published_file) == before


def test_two_publications_do_not_run_at_once(artifacts, build_file, published_file):
    put(build_file, published_file)
    with publish_duckdb.locked(published_file.parent):
        code, _, error = command(artifacts, build_file, published_file)

    assert code == 1
    assert "Another publication into" in error


def test_the_summary_fits_a_screen():
    lines = publish.summary(
        [Mart("build", "m", "rpt_long", "x, " * 40), DAYS], [1_234_567, 0]
    )

    assert max(map(len, lines)) <= publish.SCREEN_WIDTH
    assert lines[1].startswith("rpt_long  1,234,567  x, x")
    assert lines[2] == "rpt_days          0  date"


def test_a_second_build_is_told_of_the_first(build_file):
    holds_the_file = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read()"
    )
    publish_duckdb.check_free(build_file)
    publish_duckdb.check_free(build_file.with_name("there is none yet"))
    with subprocess.Popen(
        [sys.executable, "-c", holds_the_file, str(build_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as first:
        first.stdout.readline()
        with pytest.raises(PublishingError, match=f"is in use.*PID {first.pid}"):
            publish_duckdb.check_free(build_file)
        first.stdin.close()
    publish_duckdb.check_free(build_file)
