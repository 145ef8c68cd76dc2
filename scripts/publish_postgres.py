"""Publish from the schemas of a build into the schema marts of the same database.

The marts are copied, views as tables, into a schema that nobody else may enter. Then
one transaction drops the tables that were published before, renames the schema to
marts and grants it to its readers. It locks the old tables, so it waits for whoever is
reading them: a transaction reads the old marts or the new ones, never both.

The server is that of profiles.yml; the roles are CUSTOMER_OPS_OWNER, who owns schema
and tables, and CUSTOMER_OPS_READER, who may select from them. Both are made without a
login where they are missing.
"""

import os
import time
from contextlib import closing, contextmanager

import psycopg2
from marts import PUBLISHED_SCHEMA, PublishingError, make_manifest
from psycopg2 import errors
from psycopg2.extras import execute_values
from psycopg2.sql import SQL, Identifier

OWNER = os.environ.get("CUSTOMER_OPS_OWNER", "customer_ops_owner")
READER = os.environ.get("CUSTOMER_OPS_READER", "customer_ops_reader")
NEW_SCHEMA = "customer_ops_publishing"
PUBLICATION = "publication"
ERRORS = (psycopg2.Error,)
ATTEMPTS = 240  # about five minutes
# Shorter than deadlock_timeout, so that it is never a reader who has to give way.
LOCK_TIMEOUT = "300ms"


def publish(marts, clock):
    """Copy the marts and let them take the place of those that are published.

    marts: where dbt built them. clock: the quoted name of the table that holds the
    as-of date. Returns the manifest. If anything fails, what is published stays as it
    was. Raises PublishingError if a mart or a right is missing, if other objects depend
    on the published tables, or if readers do not let go of them for five minutes.
    """
    with connected() as connection:
        with connection, connection.cursor() as cursor:
            wait_for_others(cursor)
            create_roles(cursor)
        with connection, connection.cursor() as cursor:
            manifest = copy_marts(cursor, marts, clock)
        for _ in range(ATTEMPTS):
            try:
                with connection, connection.cursor() as cursor:
                    switch(cursor)
                    return manifest
            except errors.LockNotAvailable:
                time.sleep(1)
        raise PublishingError(
            "The marts are not published: for minutes somebody was reading the old ones"
            f" ({find_readers(connection)}). End that session, or publish again later."
        )


def read_manifest():
    """What is told of the current publication; None if there is none."""
    with connected() as connection, connection.cursor() as cursor:
        if not exists(cursor):
            return None
        cursor.execute(f"select * from {PUBLISHED_SCHEMA}.{PUBLICATION}")
        rows = cursor.fetchall()
    states = {name: {"rows": n, "content_hash": digest} for name, n, digest, *_ in rows}
    as_of_date, published_at = rows[0][3:]
    return make_manifest(published_at, as_of_date, states)


@contextmanager
def connected():
    """A connection to the database of profiles.yml.

    Of the errors of the server, those a person can mend are raised as PublishingError.
    """
    place = {
        "host": os.environ.get("PGHOST", "localhost"),
        "port": os.environ.get("PGPORT", "5432"),
        "user": os.environ.get("PGUSER", "postgres"),
        "dbname": os.environ.get("PGDATABASE", "customer_ops"),
    }
    try:
        with closing(psycopg2.connect(**place)) as connection:
            yield connection
    except errors.UndefinedTable as error:
        raise PublishingError(
            f"{said(error)}: run make build TARGET=postgres."
        ) from error
    except errors.InsufficientPrivilege as error:
        raise PublishingError(
            f"{place['user']} may not publish: {said(error)}. docs/publishing.md lists"
            " what an administrator has to grant once."
        ) from error
    except errors.DependentObjectsStillExist as error:
        raise PublishingError(
            f"The marts are not published: {said(error)} ({error.diag.message_detail})."
            " Drop what depends on them, or keep it outside the schema, on a copy."
        ) from error


def said(error):
    """What the server said, in one line."""
    return error.diag.message_primary


def wait_for_others(cursor):
    """Let one publication run at a time; the session holds the lock to its end."""
    cursor.execute("set lock_timeout = '10s'")
    try:
        cursor.execute("select pg_advisory_lock(hashtext('customer_ops publication'))")
    except errors.LockNotAvailable as error:
        raise PublishingError("Another publication is running. Wait for it.") from error
    cursor.execute("set lock_timeout = 0")


def create_roles(cursor):
    """Make the roles that are missing; whoever publishes is a member of the owner."""
    for role in (OWNER, READER):
        cursor.execute("select 1 from pg_roles where rolname = %s", [role])
        if not cursor.fetchone():
            cursor.execute(SQL("create role {} nologin").format(Identifier(role)))
    cursor.execute("select pg_has_role(%s, 'member')", [OWNER])
    if cursor.fetchone() == (False,):
        cursor.execute(SQL("grant {} to current_user").format(Identifier(OWNER)))


def copy_marts(cursor, marts, clock):
    """Copy the marts into the new schema; returns the manifest."""
    # A build that begins now waits with its first table until the copy is complete.
    relations = ", ".join(mart.relation for mart in marts)
    cursor.execute(f"lock table {relations} in access share mode")
    cursor.execute(f"select as_of_date, now() from {clock}")
    as_of_date, published_at = cursor.fetchone()
    cursor.execute(f"drop schema if exists {NEW_SCHEMA} cascade")
    cursor.execute(
        SQL("create schema {} authorization {}").format(
            Identifier(NEW_SCHEMA), Identifier(OWNER)
        )
    )
    states = {mart.name: copy_mart(cursor, mart) for mart in marts}
    create_table(
        cursor,
        PUBLICATION,
        "(mart text, row_count bigint, content_hash text, as_of_date date,"
        " published_at timestamptz)",
    )
    execute_values(
        cursor,
        f"insert into {NEW_SCHEMA}.{PUBLICATION} values %s",
        [
            (name, *state.values(), as_of_date, published_at)
            for name, state in states.items()
        ],
    )
    return make_manifest(published_at, as_of_date, states)


def copy_mart(cursor, mart):
    """Copy one mart, a view as a table; returns its row count and content hash."""
    create_table(cursor, mart.name, f"as select * from {mart.relation}")
    table = f"{NEW_SCHEMA}.{mart.name}"
    # A sum does not depend on the order of the rows, which is nobody's promise.
    cursor.execute(
        "select count(*),"
        " md5(concat(sum(cast(hash_record_extended(mart, 0) as numeric)), (select"
        " string_agg(concat(attname, ' ', atttypid, ' ', atttypmod), ',' order by"
        f" attnum) from pg_attribute where attrelid = '{table}'::regclass and"
        f" attnum > 0))) from {table} as mart"
    )
    row_count, content_hash = cursor.fetchone()
    cursor.execute(f"analyze {table}")
    return {"rows": row_count, "content_hash": content_hash}


def create_table(cursor, name, definition):
    """Create a table of the owner's in the new schema."""
    cursor.execute(f"create table {NEW_SCHEMA}.{name} {definition}")
    owner = Identifier(OWNER).as_string(cursor)
    cursor.execute(f"alter table {NEW_SCHEMA}.{name} owner to {owner}")


def switch(cursor):
    """Put the new schema in the place of the published one, with its grants.

    Raises LockNotAvailable, and changes nothing, while somebody reads the old tables.
    """
    cursor.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    if exists(cursor):
        cursor.execute(f"select mart from {PUBLISHED_SCHEMA}.{PUBLICATION}")
        old = [PUBLICATION, *(name for (name,) in cursor.fetchall())]
        tables = ", ".join(f"{PUBLISHED_SCHEMA}.{name}" for name in old)
        cursor.execute(f"drop table {tables}")
    # Without "cascade": what others made there, or on it, is not ours to drop.
    cursor.execute(f"drop schema if exists {PUBLISHED_SCHEMA}")
    cursor.execute(f"alter schema {NEW_SCHEMA} rename to {PUBLISHED_SCHEMA}")
    for statement in (
        "grant usage on schema {schema} to {reader}",
        "grant select on all tables in schema {schema} to {reader}",
        "alter default privileges for role {owner} in schema {schema}"
        " grant select on tables to {reader}",
    ):
        names = {"schema": PUBLISHED_SCHEMA, "owner": OWNER, "reader": READER}
        cursor.execute(
            SQL(statement).format(**{k: Identifier(v) for k, v in names.items()})
        )


def exists(cursor):
    """Whether marts are published in this database."""
    cursor.execute(
        f"select to_regclass('{PUBLISHED_SCHEMA}.{PUBLICATION}') is not null"
    )
    return cursor.fetchone() == (True,)


def find_readers(connection):
    """Who holds a published table: "process 4711, user bi"."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select distinct pid, usename from pg_locks"
            " join pg_class on relation = pg_class.oid"
            " join pg_stat_activity using (pid)"
            f" where relnamespace = to_regnamespace('{PUBLISHED_SCHEMA}')"
            " and pid <> pg_backend_pid() order by pid"
        )
        readers = [f"process {pid}, user {user}" for pid, user in cursor.fetchall()]
    return "; ".join(readers) or "gone since"
