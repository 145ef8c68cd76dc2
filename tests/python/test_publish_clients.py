"""Clients of other versions and languages read while marts are published anew.

They are installed from the package indexes, into a folder of this session.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import publish_duckdb
import pytest
from marts import Mart

CLIENTS = Path(__file__).with_name("clients")
MARTS = [
    Mart("build", "shop_marts", "fct_orders", "order"),
    Mart("build", "shop_marts", "rpt_days", "date"),
]
PUBLICATIONS = 5
# The second mart is copied some time after the first.
ROWS = 30_000


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """The Python of an environment with older clients."""
    venv = tmp_path_factory.mktemp("python") / "venv"
    run([sys.executable, "-m", "venv", "--without-pip", venv])
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    run([*pip, "--python", venv, "install", "-r", CLIENTS / "requirements.txt"])
    return venv / "bin" / "python"


@pytest.fixture(scope="module")
def node_script(tmp_path_factory):
    """The client in JavaScript, beside the package it needs."""
    # .ci/run installs npm; whoever has none can do without JavaScript.
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("node")
    shutil.copytree(CLIENTS, folder, dirs_exist_ok=True)
    quiet = ["--silent", "--no-audit", "--no-fund", "--no-package-lock"]
    run(["npm", "install", *quiet, "--prefix", folder])
    return folder / "read_node.js"


@pytest.fixture(params=["duckdb", "sqlalchemy", "parquet", "node"])
def client(request):
    """The command of a client, to which the published file is added."""
    if request.param == "node":
        return ["node", request.getfixturevalue("node_script")]
    python = request.getfixturevalue("python")
    return [python, CLIENTS / f"read_{request.param}.py"]


def run(command):
    """Run a command to its end."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def build(path, version):
    """What a build leaves: two marts that say which build they are of."""
    with duckdb.connect(path) as connection:
        connection.execute(
            "create schema if not exists shop_marts;"
            "create or replace table shop_marts.clock as"
            f" select date '2024-01-01' + {version} as as_of_date;"
            "create or replace table shop_marts.fct_orders as"
            f" select {version} as version, range as order_id from range({ROWS});"
            "create or replace view shop_marts.rpt_days as"
            " select version, order_id from build.shop_marts.fct_orders"
        )


def publish(folder, version):
    """Build and publish a version; returns the published file."""
    build_file = folder / "build.duckdb"
    published_file = folder / "published" / "shop.duckdb"
    build(build_file, version)
    publish_duckdb.publish(build_file, published_file, MARTS, "build.shop_marts.clock")
    return published_file


def test_a_client_reads_the_old_marts_or_the_new_ones_never_both(client, tmp_path):
    command = [*client, publish(tmp_path, 0)]
    seen = set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as reader:
        for version in range(1, PUBLICATIONS + 1):
            publish(tmp_path, version)
            # If the client ends, so does this loop, without the last version.
            for line in reader.stdout:
                seen.add(line.strip())
                if line.split() == [str(version)] * 2:
                    break
        reader.kill()

    expected = {f"{version} {version}" for version in range(PUBLICATIONS + 1)}
    assert seen | {"0 0"} == expected
