"""Publishing on PostgreSQL: in one transaction, for readers who may do nothing else."""

import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psycopg2
import publish_postgres
import pytest
import servers
from engines import PostgreSQL, execute
from marts import Mart, PublishingError
from psycopg2 import errors

# The server has the usual ones if something was published there.
READER, OWNER = "reader_of_tests", "owner_of_tests"
CLOCK = "shop_staging.clock"
ROWS = 20_000
PUBLICATIONS = 25
READ = {
    # Two statements in a transaction, and two tables in one statement.
    "read committed": "begin; {two} commit;",
    "repeatable read": "begin isolation level repeatable read; {two} commit;",
    "one statement": "select min(fct_orders.version) as a, min(rpt_days.version) as b"
    " from marts.fct_orders join marts.rpt_days using (order_id) \\gset\n",
}
TWO = (
    "select min(version) as a from marts.fct_orders \\gset\n"
    "select min(version) as b from marts.rpt_days \\gset\n"
)


@pytest.fixture
def database(tmp_path, monkeypatch):
    """An empty database, to which every client connects; no role is left."""
    name = "customer_ops_published"
    with PostgreSQL.new(tmp_path, name):
        monkeypatch.setenv("PGDATABASE", name)
        for variable, role in (("READER", READER), ("OWNER", OWNER)):
            monkeypatch.setenv(f"CUSTOMER_OPS_{variable}", role)
            monkeypatch.setattr(publish_postgres, variable, role)
        yield name
    for role in ("bi", "builder", READER, OWNER):
        execute("postgres", f"drop role if exists {role}")


def marts_of(database):
    """The marts that build() makes."""
    return [
        Mart(database, "shop_marts", "fct_orders", "order"),
        Mart(database, "shop_marts", "rpt_days", "date"),
    ]


def build(database, version, rows=ROWS):
    """What a build leaves: a table and a view that say which build they are of."""
    execute(
        database,
        "create schema if not exists shop_marts",
        "create schema if not exists shop_staging",
        "create schema if not exists shop_audit",
        "drop table if exists shop_marts.fct_orders cascade",
        f"create table shop_marts.fct_orders as select {version} as version,"
        f" order_id from generate_series(1, {rows}) as order_id",
        "create view shop_marts.rpt_days as select * from shop_marts.fct_orders",
        "create table if not exists shop_audit.audit_rejected_rows (raw text)",
        "drop table if exists shop_staging.clock",
        f"create table shop_staging.clock as select date '2024-01-01' + {version}"
        " as as_of_date",
    )


def publish(database):
    """Publish the build; returns the manifest."""
    return publish_postgres.publish(marts_of(database), CLOCK)


def rows(database, sql, user=None):
    """What a user reads."""
    user = user or os.environ["PGUSER"]
    with (
        closing(psycopg2.connect(dbname=database, user=user)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def versions(database):
    """The versions that the published marts say they are of."""
    sql = "select min(version), max(version), count(*) from marts."
    return [rows(database, sql + mart) for mart in ("fct_orders", "rpt_days")]


def test_tables_and_views_are_published_as_tables_with_their_rows(database):
    build(database, 1)
    publish(database)

    assert versions(database) == [[(1, 1, ROWS)]] * 2
    kinds = (
        "select relname, relkind::text, relowner::regrole::text from pg_class"
        " where relnamespace = 'marts'::regnamespace order by 1"
    )
    assert rows(database, kinds) == [
        ("fct_orders", "r", OWNER),
        ("publication", "r", OWNER),
        ("rpt_days", "r", OWNER),
    ]


def test_the_manifest_is_a_table_beside_the_marts(database):
    assert publish_postgres.read_manifest() is None
    build(database, 1, rows=3)
    first = publish(database)
    assert publish_postgres.read_manifest() == first
    assert first["as_of_date"] == "2024-01-02"
    assert first["marts"]["fct_orders"]["rows"] == 3

    build(database, 1, rows=3)
    second = publish(database)
    assert second["marts"] == first["marts"]
    build(database, 2, rows=3)
    third = publish(database)
    assert third["marts"]["rpt_days"] != second["marts"]["rpt_days"]


def test_a_mart_that_is_no_more_goes_with_the_next_publication(database):
    build(database, 1)
    publish(database)
    publish_postgres.publish(marts_of(database)[:1], CLOCK)

    assert rows(database, "select mart from marts.publication") == [("fct_orders",)]
    with pytest.raises(errors.UndefinedTable):
        rows(database, "select * from marts.rpt_days")


@pytest.fixture
def published(database):
    """A database with a publication and somebody who may read it: bi."""
    build(database, 1)
    publish(database)
    execute(database, f"create role bi login in role {READER}")
    return database


@pytest.mark.parametrize(
    "sql",
    [
        "insert into marts.fct_orders values (9, 9)",
        "update marts.fct_orders set version = 9",
        "delete from marts.fct_orders",
        "truncate marts.fct_orders",
        "alter table marts.fct_orders add x int",
        "create index on marts.fct_orders (order_id)",
        "drop table marts.fct_orders",
        "delete from marts.publication",
        "create table marts.mine (x int)",
        "create table public.mine (x int)",
        "create schema mine",
        "alter schema marts rename to mine",
        "drop schema marts cascade",
        "select * from shop_marts.fct_orders",
        "select * from shop_marts.rpt_days",
        "select * from shop_staging.clock",
        "select * from shop_audit.audit_rejected_rows",
        f"set role {OWNER}",
        "create role mine",
        "copy marts.fct_orders to 'mine.csv'",
        "copy marts.fct_orders to program 'cat'",
        "select pg_read_file('pg_hba.conf')",
        "lock table marts.fct_orders in exclusive mode",
        "comment on table marts.fct_orders is 'mine'",
        "create function marts.mine() returns int language sql as 'select 1'",
        "create function public.mine() returns int language sql as 'select 1'",
        "create view marts.mine as select * from marts.fct_orders",
        "grant usage on schema shop_marts to bi",
        f"alter default privileges for role {OWNER} grant select on tables to bi",
        f"reassign owned by {OWNER} to bi",
        f"set session authorization {OWNER}",
        "alter role bi createrole",
        "create extension file_fdw",
    ],
)
def test_a_reader_may_select_from_the_marts_and_nothing_else(published, sql):
    count = "select count(*) from marts.rpt_days"
    assert rows(published, count, user="bi") == [(ROWS,)]

    with pytest.raises((errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)):
        rows(published, sql, user="bi")


def test_a_reader_makes_no_temporary_table_where_an_administrator_forbids_it(published):
    execute(published, f"revoke temporary on database {published} from public")
    with pytest.raises(errors.InsufficientPrivilege):
        rows(published, "create temporary table mine (x int)", user="bi")
    assert rows(published, "select min(version) from marts.rpt_days", user="bi")


def test_nobody_but_readers_and_the_owner_may_read_the_marts(published):
    execute(published, "create role builder login")
    for table in ("fct_orders", "rpt_days", "publication"):
        with pytest.raises(errors.InsufficientPrivilege):
            rows(published, f"select * from marts.{table}", user="builder")


def test_a_reader_may_read_the_next_publication_and_tables_the_owner_adds(published):
    build(published, 2)
    publish(published)
    sql = "select min(version) from marts.fct_orders"
    assert rows(published, sql, user="bi") == [(2,)]

    execute(published, f"set role {OWNER}; create table marts.targets as select 1 as x")
    assert rows(published, "select * from marts.targets", user="bi") == [(1,)]


def test_the_readers_may_not_see_marts_that_are_not_published_yet(
    published, monkeypatch
):
    monkeypatch.setattr(publish_postgres, "switch", stop)
    build(published, 2)
    with pytest.raises(ZeroDivisionError):
        publish(published)

    assert versions(published) == [[(1, 1, ROWS)]] * 2
    with pytest.raises(errors.InsufficientPrivilege):
        rows(published, "select * from customer_ops_publishing.fct_orders", user="bi")


def stop(*_):
    """Fail in the middle of a publication."""
    raise ZeroDivisionError


def test_roles_can_have_other_names(database, monkeypatch):
    monkeypatch.setattr(publish_postgres, "READER", "Bi Readers")
    monkeypatch.setattr(publish_postgres, "OWNER", "Mart Owner")
    build(database, 1)
    publish(database)
    sql = 'set role "Bi Readers"; select count(*) from marts.fct_orders'
    assert rows(database, sql) == [(ROWS,)]
    execute(
        database,
        'drop owned by "Bi Readers", "Mart Owner" cascade',
        'drop role "Bi Readers", "Mart Owner"',
    )


def test_a_publisher_need_not_be_a_superuser(database):
    execute(
        database,
        "create role builder login",
        f"create role {READER}",
        f"create role {OWNER} role builder",
        f"grant create on database {database} to builder",
    )
    build(database, 1)
    execute(database, "grant usage on schema shop_marts, shop_staging to builder")
    for schema in ("shop_marts", "shop_staging"):
        execute(database, f"grant select on all tables in schema {schema} to builder")
    for _ in range(2):
        code, error = run_publication(database, PGUSER="builder")
        assert (code, error) == (0, "")

    assert versions(database) == [[(1, 1, ROWS)]] * 2


def test_a_missing_permission_is_a_sentence_and_changes_nothing(published):
    execute(published, "create role builder login")
    build(published, 2)
    code, error = run_publication(published, PGUSER="builder")

    assert code == 1
    assert "PublishingError: builder may not publish: " in error
    assert versions(published) == [[(1, 1, ROWS)]] * 2


def test_what_others_built_on_the_marts_is_not_dropped(published):
    execute(published, "create view public.mine as select * from marts.fct_orders")
    build(published, 2)
    with pytest.raises(
        PublishingError, match=r"view mine depends on table .*fct_orders"
    ):
        publish(published)

    assert versions(published) == [[(1, 1, ROWS)]] * 2
    assert rows(published, "select count(*) from public.mine") == [(ROWS,)]


def test_a_schema_of_somebody_else_by_that_name_is_left_alone(database):
    execute(database, "create schema marts", "create table marts.mine (x int)")
    build(database, 1)
    with pytest.raises(
        PublishingError, match="table marts.mine depends on schema marts"
    ):
        publish(database)

    assert rows(database, "select * from marts.mine") == []


def test_a_missing_mart_is_a_sentence_and_changes_nothing(published):
    execute(published, "drop view shop_marts.rpt_days")
    with pytest.raises(PublishingError, match="rpt_days.* does not exist: run make"):
        publish(published)

    assert versions(published) == [[(1, 1, ROWS)]] * 2


def test_who_is_reading_is_waited_for_and_in_the_end_named(published, monkeypatch):
    waits = []
    monkeypatch.setattr(publish_postgres, "ATTEMPTS", 2)
    monkeypatch.setattr(publish_postgres.time, "sleep", waits.append)
    build(published, 2)
    with (
        closing(psycopg2.connect(dbname=published, user="bi")) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("select min(version) from marts.fct_orders")
        with pytest.raises(PublishingError, match="process [0-9]+, user bi"):
            publish(published)
        # Nobody stands in the way of what the transaction goes on to read.
        cursor.execute("select min(version) from marts.rpt_days")
        assert cursor.fetchall() == [(1,)]
    assert waits == [1, 1]
    publish(published)
    assert versions(published) == [[(2, 2, ROWS)]] * 2


@pytest.mark.parametrize("step", ["copy_mart", "switch"])
def test_a_publication_that_is_killed_leaves_the_old_marts(published, step):
    build(published, 2)
    kill = f"publish_postgres.{step} = lambda *_: os.kill(os.getpid(), 9)"
    assert run_publication(published, kill)[0] == -9
    assert versions(published) == [[(1, 1, ROWS)]] * 2

    publish(published)
    assert versions(published) == [[(2, 2, ROWS)]] * 2
    schemas = "select nspname::text from pg_namespace where nspname like '%publishing'"
    assert rows(published, schemas) == []


def run_publication(database, code="pass", **environment):
    """Publish in a process of its own; returns its exit code and its last words."""
    program = (
        f"import os, publish_postgres\n{code}\nfrom marts import Mart\n"
        f"publish_postgres.publish({marts_of(database)!r}, {CLOCK!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ
        | {"PYTHONPATH": str(Path(publish_postgres.__file__).parent), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("way", READ)
def test_psql_reads_the_old_marts_or_the_new_ones_never_both(published, way):
    psql = shutil.which("psql") or servers.find_postgres() / "psql"
    script = READ[way].format(two=TWO) + "\\echo :a :b"
    seen = set()
    with (
        subprocess.Popen(["yes", script], stdout=subprocess.PIPE) as endless,
        subprocess.Popen(
            [psql, "-XqU", "bi", "-v", "ON_ERROR_STOP=1", published],
            stdin=endless.stdout,
            stdout=subprocess.PIPE,
            text=True,
        ) as reader,
    ):
        for version in range(2, PUBLICATIONS + 2):
            build(published, version)
            publish(published)
            # If psql ends, so does this loop, without the last version.
            for line in reader.stdout:
                seen.add(line.strip())
                if line.split() == [str(version)] * 2:
                    break
        reader.kill()
        endless.kill()

    expected = {f"{version} {version}" for version in range(1, PUBLICATIONS + 2)}
    assert seen | {"1 1"} == expected
