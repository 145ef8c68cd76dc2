"""Start the database servers that tests and trials need, and stop them afterwards.

    python scripts/servers.py postgres -- dbt build --target postgres
    python scripts/servers.py spark --workers 2 --memory 2g -- dbt build --target spark

The command finds them by the variables that profiles.yml reads; its exit code is that
of this script. Everything listens on 127.0.0.1 only and writes into one temporary
folder. However the command ends, and also if a server does not start or the script is
interrupted, the servers are stopped and the folder is removed.
"""

import argparse
import itertools
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"
# Below the ports that systems hand out themselves, so that nobody is given one of these
# between our look at it and the start of its server.
PORTS = itertools.cycle(random.SystemRandom().sample(range(20_000, 32_000), 12_000))
SECONDS_TO_START, SECONDS_TO_STOP = 120, 20
LOG_LINES = 15
POSTGRES_HOMES = Path("/usr/lib/postgresql")  # where Debian keeps each version
OLDEST_POSTGRES = 15
DEPLOY = "org.apache.spark.deploy"
THRIFT_SERVER = "org.apache.spark.sql.hive.thriftserver.HiveThriftServer2"
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ServerError(Exception):
    """Something a person has to put right; the message is one sentence for them."""


@contextmanager
def postgres():
    """Run a new PostgreSQL cluster with an empty database customer_ops.

    Yields the variables by which clients find it. Raises ServerError if PostgreSQL is
    not installed, is too old, or does not start.
    """
    programs = find_postgres()
    variables = {
        "PGHOST": HOST,
        "PGPORT": str(free_port()),
        "PGUSER": "postgres",
        "PGDATABASE": "customer_ops",
    }
    # The server refuses to run as root.
    with workplace(user="postgres" if os.geteuid() == 0 else None) as place:
        place.environment |= variables
        data = place.folder / "data"
        command = [programs / "initdb", "-D", data, "-U", variables["PGUSER"], "-A"]
        command += ["trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        made = place.run(command)
        if made.returncode:
            raise ServerError(f"initdb failed: {last_lines(made.stdout)}")
        settings = {
            "listen_addresses": HOST,
            "port": variables["PGPORT"],
            "unix_socket_directories": place.folder,
            "fsync": "off",  # a crash may lose test data
        }
        # An interrupt ends the sessions of clients; a termination waits for them.
        command = [programs / "postgres", "-D", data, *options("-c", settings)]
        place.start("PostgreSQL", command, signal.SIGINT)
        place.wait(lambda: place.run([programs / "createdb"]).returncode == 0)
        yield variables


def find_postgres():
    """The folder of PostgreSQL's programs: the one on the path, else Debian's newest.

    Raises ServerError if there is none or it is too old.
    """
    installed = POSTGRES_HOMES.glob("*/bin/initdb")
    newest_last = sorted(installed, key=lambda path: float(path.parts[-3]))
    initdb = shutil.which("initdb") or (newest_last or [None])[-1]
    if not initdb:
        raise ServerError(
            "PostgreSQL is not installed: install it: apt-get install postgresql,"
            " or brew install postgresql."
        )
    version = subprocess.run([initdb, "--version"], capture_output=True, text=True)
    if int(re.search(r"\d+|$", version.stdout)[0] or 0) < OLDEST_POSTGRES:
        raise ServerError(
            f"{initdb} is older than PostgreSQL {OLDEST_POSTGRES}: install a newer one,"
            " and put its programs first on the PATH."
        )
    return Path(initdb).resolve().parent


@contextmanager
def spark_cluster(workers=2, memory="2g", cores=1, driver_memory="2g"):
    """Run a Spark cluster: a master, workers, and a Thrift server as its application.

    Each worker has one executor of so much memory and so many cores. Yields the
    variables by which dbt finds the Thrift server, and the addresses of the web pages
    of master and application: below /json/ and /api/v1/ they say what runs where, and
    what each task of each stage took. Raises ServerError if PySpark or Java is missing
    or a server does not start.
    """
    programs = find_spark() / "bin"
    master, master_ui, thrift, application_ui = (str(free_port()) for _ in range(4))
    url = f"spark://{HOST}:{master}"
    with workplace() as place:
        place.environment = spark_environment(programs.parent, place.folder)
        command = [programs / "spark-class", f"{DEPLOY}.master.Master", "--host", HOST]
        command += ["--port", master, "--webui-port", master_ui]
        place.start("The Spark master", command)
        place.wait(lambda: answers(master))
        for number in range(1, workers + 1):
            command = [programs / "spark-class", f"{DEPLOY}.worker.Worker", url]
            command += ["--host", HOST, "--webui-port", "0", "--cores", cores]
            command += ["--memory", memory, "--work-dir", place.folder / f"{number}"]
            place.start(f"Spark worker {number}", command)
        place.wait(lambda: count_workers(master_ui) == workers)
        settings = {
            "spark.driver.memory": driver_memory,
            "spark.executor.memory": memory,
            "spark.executor.cores": cores,
            "spark.log.level": "WARN",
            "spark.sql.warehouse.dir": place.folder / "warehouse",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.cteRecursionLevelLimit": 100_000,
            "spark.ui.port": application_ui,
            "spark.port.maxRetries": 0,  # on another port nobody would find the pages
            "spark.ui.retainedStages": 20_000,  # those of a build and all its tests
        }
        hive_settings = {
            "hive.server2.thrift.port": thrift,
            "hive.server2.thrift.bind.host": HOST,
            "hive.exec.scratchdir": place.folder / "scratch",
        }
        command = [programs / "spark-submit", "--master", url, "--class", THRIFT_SERVER]
        command += [*options("--conf", settings), "spark-internal"]
        command += options("--hiveconf", hive_settings)
        place.start("The Spark Thrift server", command)
        place.wait(lambda: answers(thrift))
        yield {
            "SPARK_METHOD": "thrift",
            "SPARK_HOST": HOST,
            "SPARK_PORT": thrift,
            "SPARK_MASTER_UI": f"http://{HOST}:{master_ui}",
            "SPARK_APPLICATION_UI": f"http://{HOST}:{application_ui}",
        }


def find_spark():
    """The folder of the Spark that PySpark brings along.

    Raises ServerError if PySpark or Java is missing.
    """
    pyspark = find_spec("pyspark")
    if not pyspark:
        raise ServerError(
            "PySpark is not installed: install it: pip install"
            " 'dbt-spark[session,pyhive]' pyspark."
        )
    home = os.environ.get("JAVA_HOME")
    if not shutil.which(f"{home}/bin/java" if home else "java"):
        raise ServerError(
            "Java is not installed: install it: apt-get install"
            " openjdk-17-jre-headless, or brew install openjdk@17; or mend JAVA_HOME."
        )
    return Path(pyspark.submodule_search_locations[0])


def spark_environment(home, folder):
    """The variables of a Spark that writes into the folder and knows no other Spark."""
    scratch = folder / "tmp"
    scratch.mkdir()
    others = {k: v for k, v in os.environ.items() if not k.startswith("SPARK_")}
    return others | {
        "SPARK_HOME": str(home),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": HOST,
        # The master's other way in is not wanted: it has a fixed port, one for the
        # whole machine, so that a second cluster would not start.
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",
        "JAVA_TOOL_OPTIONS": f"-Djava.io.tmpdir={scratch} -XX:-UsePerfData",
    }


def count_workers(master_ui):
    """How many workers a Spark master has; 0 while it does not answer."""
    with closing(HTTPConnection(HOST, int(master_ui), timeout=5)) as connection:
        try:
            connection.request("GET", "/json/")
            return json.load(connection.getresponse())["aliveworkers"]
        except (OSError, HTTPException, ValueError):  # no JSON from half a master
            return 0


def options(flag, settings):
    """The settings as arguments: flag, name=value, flag, …"""
    return [word for item in settings.items() for word in (flag, "{}={}".format(*item))]


def free_port():
    """A port of this machine on which nobody listens."""
    while True:
        port = next(PORTS)
        with socket.socket() as attempt, suppress(OSError):
            attempt.bind((HOST, port))
            return port


def answers(port):
    """Whether somebody listens on the port."""
    with suppress(OSError), socket.create_connection((HOST, int(port)), timeout=5):
        return True
    return False


class Workplace:
    """A folder and the processes that run there, as a user and with an environment.

    They are stopped when the stack is closed.
    """

    def __init__(self, folder, stack, user):
        self.folder = folder
        self.environment = dict(os.environ)
        self._stack = stack
        self._user = user
        self._servers = {}

    def start(self, name, command, stop_signal=signal.SIGTERM):
        """Start a server, in a process group of its own."""
        with undisturbed(), self._log(name).open("wb") as log:
            server = subprocess.Popen(
                stdout=log, process_group=0, **self._popen(command)
            )
            self._stack.callback(stop, server, stop_signal)
        self._servers[name] = server

    def wait(self, is_ready):
        """Wait until is_ready() is true.

        Raises ServerError if a server ends before that or the last one takes too long.
        """
        deadline = time.monotonic() + SECONDS_TO_START
        while not is_ready():
            for name, server in self._servers.items():
                is_late = (
                    time.monotonic() > deadline and name == list(self._servers)[-1]
                )
                if is_late or server.poll() is not None:
                    words = last_lines(self._log(name).read_bytes())
                    raise ServerError(f"{name} did not start: {words}")
            time.sleep(0.1)

    def run(self, command):
        """Run a program to its end; returns its exit code and what it wrote."""
        return subprocess.run(stdout=subprocess.PIPE, **self._popen(command))

    def _log(self, name):
        return self.folder / f"{name}.log"

    def _popen(self, command):
        return {
            "args": [str(word) for word in command],
            "cwd": self.folder,
            "env": self.environment,
            "stdin": subprocess.DEVNULL,
            "stderr": subprocess.STDOUT,
            "user": self._user,
            "group": self._user,
            "extra_groups": [] if self._user else None,
        }


def last_lines(output):
    """The end of what a program wrote."""
    return "\n".join(output.decode(errors="replace").splitlines()[-LOG_LINES:])


@contextmanager
def workplace(user=None):
    """A Workplace in a new folder; at the end its servers stop and the folder goes.

    user: who runs the servers, if not oneself.
    """
    with interrupts_raise():
        stack = ExitStack()
        try:
            with undisturbed():
                folder = Path(tempfile.mkdtemp(prefix="customer_ops_"))
                stack.callback(shutil.rmtree, folder)
            if user:
                shutil.chown(folder, user, user)
            yield Workplace(folder, stack, user)
        finally:
            with undisturbed():
                stack.close()


def stop(process, stop_signal=signal.SIGTERM):
    """Stop a process and its group: ask, wait, and kill what is left."""
    for number in (stop_signal, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except OSError:  # no group, or nobody in it
            process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_STOP)


@contextmanager
def interrupts_raise():
    """Let signals that would end this process at once raise SystemExit instead."""
    deadly = [
        number for number in INTERRUPTS if signal.getsignal(number) == signal.SIG_DFL
    ]
    with handled(deadly, lambda number, _: sys.exit(128 + number)):
        yield


@contextmanager
def undisturbed():
    """Hold signals back until the block has ended."""
    held = []
    with handled(INTERRUPTS, lambda number, _: held.append(number)):
        yield
    for number in held:
        signal.raise_signal(number)


@contextmanager
def handled(numbers, handler):
    """Handle signals so within the block; only the main thread gets any."""
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler_before in before.items():
            signal.signal(number, handler_before)


def run(command, environment):
    """Run a command to its end. Returns its exit code, 128 + n if signal n ended it.

    Raises ServerError if it cannot be run.
    """
    # A terminal serves one group only; without one, what the command started stops too.
    group = None if os.isatty(0) else 0
    try:
        process = subprocess.Popen(command, env=environment, process_group=group)
    except OSError as error:
        raise ServerError(f"{command[0]} cannot be run: {error}") from error
    try:
        code = process.wait()
    finally:
        with undisturbed():
            stop(process)
    return code if code >= 0 else 128 - code


def main():
    """Run a command beside the servers that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        usage="servers.py {postgres,spark} … [--workers N] [--memory 2g] -- COMMAND …",
    )
    parser.add_argument("servers", nargs="+", choices=["postgres", "spark"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="2g", help="of each worker's executor")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments = parser.parse_args(sys.argv[1:end])
    command = sys.argv[end + 1 :] or parser.error("a command is missing after --")
    environment = dict(os.environ)
    try:
        with ExitStack() as stack:
            if "postgres" in arguments.servers:
                environment |= stack.enter_context(postgres())
            if "spark" in arguments.servers:
                cluster = spark_cluster(arguments.workers, arguments.memory)
                environment |= stack.enter_context(cluster)
            sys.exit(run(command, environment))
    except ServerError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main()
