"""Publishing: only public marts, whole or not at all, readable by every client."""

import json
import subprocess
import sys

import duckdb
import publish
import pytest
from publish import Mart, PublishingError

ORDERS = Mart("build", "shop_marts", "fct_orders", "order")
DAYS = Mart("build", "shop_marts", "rpt_days", "date")


@pytest.fixture
def build_file(tmp_path):
    """A build file with a table, a view, and an audit table."""
    path = tmp_path / "build.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema shop_marts; create schema shop_audit")
        connection.execute(
            "create table shop_marts.fct_orders as"
            " select 'o1' as order_id, 9.90::decimal(18, 2) as net_amount"
            " union all select 'o2', null"
        )
        connection.execute(
            "create table shop_marts.days as select date '2024-02-29' as date_day;"
            "create view shop_marts.rpt_days as from build.shop_marts.days"
        )
        connection.execute("create table shop_audit.audit_rejected_rows (raw text)")
    return path


@pytest.fixture
def published_file(tmp_path):
    """Where to publish: a folder that does not exist yet."""
    return tmp_path / "published" / "shop.duckdb"


def read(path, sql):
    """The rows a client gets."""
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def manifest_node(name, **changes):
    """A model as a dbt manifest describes it."""
    config = {"enabled": True, "access": changes.pop("access", "public")}
    return {
        "resource_type": "model",
        "database": "build",
        "schema": "shop_marts",
        "alias": name,
        "config": config,
        "tags": ["core"],
        "raw_code": "-- Grain: one row per day\n-- and shop; all of them.\n\nselect 1",
    } | changes


def test_a_client_reads_the_rows_and_types_that_were_built(build_file, published_file):
    row_counts = publish.publish(build_file, published_file, [ORDERS, DAYS])

    assert row_counts == [2, 1]
    rows = "from {} select * order by all"
    for mart in (ORDERS, DAYS):
        built = read(build_file, rows.format(f"{mart.schema}.{mart.name}"))
        assert read(published_file, rows.format(f"marts.{mart.name}")) == built
    types = "select column_type from (describe marts.fct_orders)"
    assert read(published_file, types) == [("VARCHAR",), ("DECIMAL(18,2)",)]


def test_a_view_becomes_a_table_and_nothing_else_is_copied(build_file, published_file):
    publish.publish(build_file, published_file, [ORDERS, DAYS])

    tables = (
        "select table_schema, table_name, table_type from information_schema.tables"
    )
    assert sorted(read(published_file, tables)) == [
        ("marts", "fct_orders", "BASE TABLE"),
        ("marts", "rpt_days", "BASE TABLE"),
    ]


def test_every_client_since_1_0_can_open_the_file(build_file, published_file):
    publish.publish(build_file, published_file, [ORDERS])

    tags = "select tags from duckdb_databases() where not internal"
    [[tags]] = read(published_file, tags)
    assert tags["storage_version"].startswith("v1.0.0")


def test_the_new_file_takes_the_place_of_the_old_one(build_file, published_file):
    publish.publish(build_file, published_file, [ORDERS, DAYS])
    with duckdb.connect(published_file, read_only=True) as reader:
        with duckdb.connect(build_file) as connection:
            connection.execute("delete from shop_marts.fct_orders")
        publish.publish(build_file, published_file, [ORDERS])

        # Who has the old file open goes on reading it.
        assert reader.execute("select count(*) from marts.fct_orders").fetchone() == (
            2,
        )
    assert list(published_file.parent.iterdir()) == [published_file]


def test_a_copy_that_fails_leaves_the_old_file_and_no_other(build_file, published_file):
    publish.publish(build_file, published_file, [ORDERS])
    before = published_file.read_bytes()

    missing = Mart("build", "shop_marts", "fct_missing", "nothing")
    with pytest.raises(PublishingError, match=r"no table shop_marts.fct_missing"):
        publish.publish(build_file, published_file, [DAYS, missing])

    assert published_file.read_bytes() == before
    assert list(published_file.parent.iterdir()) == [published_file]


def test_a_missing_build_is_said_in_a_sentence(tmp_path, published_file):
    with pytest.raises(PublishingError, match="run make build first"):
        publish.publish(tmp_path / "none.duckdb", published_file, [ORDERS])
    with pytest.raises(PublishingError, match="run make build first"):
        publish.read_marts(tmp_path / "manifest.json")
    assert not published_file.exists()


def test_only_public_models_outside_the_audit_are_marts(tmp_path):
    nodes = [
        manifest_node("rpt_days"),
        manifest_node("fct_orders"),
        manifest_node("int_orders", access="protected"),
        manifest_node("audit_rejected_rows", tags=["audit"]),
        manifest_node("raw_orders", resource_type="seed"),
    ]
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"nodes": dict(enumerate(nodes))}))

    marts = publish.read_marts(manifest)

    assert [mart.name for mart in marts] == ["fct_orders", "rpt_days"]
    assert {mart.grain for mart in marts} == {"day and shop"}


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
    publish.check_free(build_file)
    publish.check_free(build_file.with_name("there is none yet"))
    with subprocess.Popen(
        [sys.executable, "-c", holds_the_file, str(build_file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as first:
        first.stdout.readline()
        with pytest.raises(PublishingError, match=f"is in use.*PID {first.pid}"):
            publish.check_free(build_file)
        first.stdin.close()
    publish.check_free(build_file)
