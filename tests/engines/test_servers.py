"""Servers for tests: they answer, and nothing of them is left, however it ends."""

import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import servers
from pyhive import hive
from servers import ServerError, answers, handled, postgres, spark_cluster

SERVERS = Path(servers.__file__)
# Says where the server of its environment is, and stays.
STAY = (
    "import os, time, psycopg2; psycopg2.connect('');"
    "print(os.environ['PGPORT'], flush=True); time.sleep(60)"
)


@pytest.fixture(autouse=True)
def folder(monkeypatch):
    """Where the servers make their folders; whoever runs them may enter it."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o755)
        monkeypatch.setenv("TMPDIR", path)
        monkeypatch.setattr(tempfile, "tempdir", path)
        yield Path(path)


def select_one(environment):
    """What PostgreSQL answers to select 1."""
    connection = psycopg2.connect(
        host=environment["PGHOST"],
        port=environment["PGPORT"],
        user=environment["PGUSER"],
        dbname=environment["PGDATABASE"],
    )
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("select 1")
        return cursor.fetchall()


def is_gone(port, folder):
    """Whether the port is closed and no folder is left."""
    return not answers(port) and not list(folder.iterdir())


def servers_command(*words):
    """Start scripts/servers.py."""
    command = [sys.executable, str(SERVERS), *words]
    # What a background shell ignores, the script would ignore too.
    with handled(servers.INTERRUPTS, signal.SIG_DFL):
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_postgres_answers_and_is_gone_afterwards(folder):
    with postgres() as environment:
        assert select_one(environment) == [(1,)]
        assert len(list(folder.iterdir())) == 1
    assert is_gone(environment["PGPORT"], folder)


def test_postgres_is_gone_after_an_error_inside(folder):
    with pytest.raises(ZeroDivisionError), postgres() as environment:
        assert select_one(environment) == [(1,)]
        raise ZeroDivisionError
    assert is_gone(environment["PGPORT"], folder)


def test_two_postgres_stand_side_by_side(folder):
    with postgres() as one, postgres() as other:
        assert select_one(one) == select_one(other) == [(1,)]
        assert one["PGPORT"] != other["PGPORT"]
    assert is_gone(one["PGPORT"], folder)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_command_and_postgres(folder, number):
    with servers_command("postgres", "--", sys.executable, "-c", STAY) as process:
        port = process.stdout.readline()
        assert answers(port)
        process.send_signal(number)
        # The output ends when the last process that could write it has ended.
        process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert is_gone(port, folder)


def test_a_signal_while_postgres_starts_leaves_nothing(folder):
    with servers_command("postgres", "--", "true") as process:
        while not list(folder.iterdir()):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert not list(folder.iterdir())


def test_the_exit_code_is_that_of_the_command(folder):
    with servers_command("postgres", "--", "sh", "-c", "exit 7") as process:
        process.communicate(timeout=30)
    assert process.returncode == 7
    assert not list(folder.iterdir())


def test_a_missing_postgres_is_said(folder, monkeypatch):
    monkeypatch.setattr(servers, "POSTGRES_HOMES", folder)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(ServerError, match="apt-get install postgresql"), postgres():
        pass


def test_a_postgres_that_is_too_old_is_said(folder, monkeypatch):
    monkeypatch.setattr(servers, "OLDEST_POSTGRES", 1000)
    with pytest.raises(ServerError, match="older than PostgreSQL 1000"), postgres():
        pass


def test_a_postgres_that_does_not_start_is_said(folder, monkeypatch):
    with postgres() as environment:
        taken = environment["PGPORT"]
        monkeypatch.setattr(servers, "free_port", lambda: taken)
        with pytest.raises(ServerError, match="already in use"), postgres():
            pass
        assert select_one(environment) == [(1,)]
    assert is_gone(taken, folder)


def test_a_missing_java_is_said(folder, monkeypatch):
    monkeypatch.setenv("JAVA_HOME", str(folder))
    with pytest.raises(ServerError, match="Java is not installed"), spark_cluster():
        pass


def test_a_spark_server_that_does_not_start_is_said(folder):
    failure = pytest.raises(ServerError, match="Spark worker 1 did not start")
    with failure, spark_cluster(workers=1, memory="much"):
        pass
    assert not list(folder.iterdir())


@pytest.mark.full
def test_a_spark_cluster_answers_and_is_gone_afterwards(folder):
    with spark_cluster(memory="1g", driver_memory="1g") as environment:
        ports = [environment["SPARK_PORT"]]
        for name in ("SPARK_MASTER_UI", "SPARK_APPLICATION_UI"):
            ports.append(urlsplit(environment[name]).port)
        with closing(hive.connect("127.0.0.1", environment["SPARK_PORT"])) as thrift:
            cursor = thrift.cursor()
            cursor.execute("select 1")
            assert cursor.fetchall() == [(1,)]
        assert servers.count_workers(ports[1]) == 2
        with closing(HTTPConnection("127.0.0.1", ports[2])) as application:
            application.request("GET", "/api/v1/applications")
            assert application.getresponse().status == 200
    assert all(is_gone(port, folder) for port in ports)
