"""The project installed as a package: integration_tests is a company's dbt project.

Its folder is copied, so that nothing is written into the repository, and built as its
owner would build it. The other tests ask the project itself what it lets a host do.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import yaml
from warehouse import PROJECT

HOST = PROJECT / "integration_tests"
GUIDE = PROJECT / "docs" / "bring-your-own-data.md"
SELECTION = ["--select", "+dim_customers", "+fct_orders"]


class Host:
    """A copy of the host project. folder: where it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(HOST, folder)
        packages = folder / "packages.yml"
        given = packages.read_text(encoding="utf-8")
        assert "local: ../" in given
        packages.write_text(given.replace("../", str(PROJECT)), encoding="utf-8")

    def dbt(self, *arguments: str) -> str:
        """What a dbt command said, which shall succeed and warn of nothing."""
        code, output = self.attempt(*arguments)
        assert code == 0, output
        return output

    def attempt(self, *arguments: str) -> tuple[int, str]:
        """The exit code of a dbt command and what it said."""
        places = ("CUSTOMER_OPS_", "DBT_", "IDENTITY_SALT")
        result = subprocess.run(
            [Path(sys.executable).with_name("dbt"), "--warn-error", *arguments],
            cwd=self.folder,
            env={k: v for k, v in os.environ.items() if not k.startswith(places)},
            capture_output=True,
            text=True,
        )
        return result.returncode, result.stdout + result.stderr

    def rows(self, sql: str) -> list[tuple]:
        """Rows of a query on the host's database."""
        database = self.folder / "target" / "my_company.duckdb"
        with duckdb.connect(database, read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """The host project with its data loaded and the marts in question built."""
    host = Host(tmp_path_factory.mktemp("host") / "my_company")
    host.dbt("deps")
    host.dbt("seed", "--select", "package:my_company")
    host.dbt("build", *SELECTION)
    return host


def test_inputs_are_models_and_sources_of_the_host(host):
    orders = host.rows("select order_id, status from marts.fct_orders order by 1")
    assert orders == [("s1", "completed"), ("s2", "paid"), ("s3", "completed")]
    logins = host.rows("select customer_id, last_login_at from marts.dim_customers")
    assert {name: f"{at:%m-%d}" for name, at in logins} == {
        "ann": "01-05",
        "bob": "01-10",
    }


def test_the_sample_shop_is_not_loaded(host):
    tables = "select table_name from information_schema.tables where table_name like "
    assert host.rows(tables + "'raw%'") == []


def test_tables_lie_where_the_host_wants_them(host):
    schemas = "select distinct table_schema from information_schema.tables order by 1"
    assert [name for (name,) in host.rows(schemas)] == [
        "company",
        "intermediate",
        "marts",
        "reference",
        "staging",
    ]


def test_a_staging_model_of_the_host_stands_in_for_ours(host):
    refunds = host.rows("select order_id, refund_amount from marts.fct_orders")
    assert {name: str(amount) for name, amount in refunds} == {
        "s1": "300.00",
        "s2": "0.00",
        "s3": "0.00",
    }


def test_definitions_of_the_host_stand_in_for_ours(host):
    customers = host.rows(
        "select customer_id, valid_order_count, rule_tier from marts.dim_customers"
    )
    assert sorted(customers) == [
        ("ann", 1, "high_value_repeat"),
        ("bob", 1, "regular"),
    ]


def test_further_columns_of_customers_reach_the_mart(host):
    assert host.rows(
        "select customer_id, club, visits_per_year, region "
        "from marts.dim_customers order by 1"
    ) == [("ann", "gold", 12, "north"), ("bob", None, None, None)]


def test_further_columns_of_orders_reach_the_mart(host):
    rows = host.rows(
        "select order_id, sales_rep, is_gift, cast(due_on as varchar) "
        "from marts.fct_orders order by 1"
    )
    assert rows == [
        ("s1", "Kim", False, "2030-01-31"),
        ("s2", None, True, None),
        ("s3", "Lee", False, None),
    ]


@pytest.mark.parametrize(
    ("mart", "columns"),
    [
        ("dim_customers", ["club varchar", "visits_per_year bigint", "region varchar"]),
        ("fct_orders", ["sales_rep varchar", "is_gift boolean", "due_on date"]),
    ],
)
def test_the_contract_holds_the_further_columns_too(host, mart, columns):
    folder = host.folder / "target" / "run" / "customer_ops" / "models" / "marts"
    sql = (folder / "core" / f"{mart}.sql").read_text(encoding="utf-8")
    promised = re.search(r"create\s+table\s+[^(]*\((.*?)\)\s*;", sql, re.DOTALL)
    words = re.sub(r"\s+", " ", promised.group(1))
    assert [column for column in columns if column not in words] == []


def test_runs_about_other_models_go_on_when_a_definition_has_changed(host):
    """Those about ours are refused: the stored tables were made by the old one."""
    macros = host.folder / "macros" / "definitions.sql"
    given = macros.read_text(encoding="utf-8")
    macros.write_text(given.replace("= 'completed'", "<> 'created'"), encoding="utf-8")
    host.dbt("run", "--select", "club_sales")
    assert [
        (club, str(net))
        for club, net in host.rows("select * from company.club_sales order by 1")
    ] == [("gold", "900.00"), (None, "80.00")]
    code, output = host.attempt("run", "--select", "fct_orders")
    assert code
    assert "A variable, seed, model or macro has changed since" in output
    macros.write_text(given, encoding="utf-8")


# What the project lets a host do ------------------------------------------------------


@pytest.mark.parametrize(
    ("vars", "sentence"),
    [
        ({"customer_columns": ["club"]}, "it must be a mapping of columns"),
        ({"customer_columns": {"Club": "text"}}, "names of small letters"),
        ({"customer_columns": {"club; x": "text"}}, "names of small letters"),
        ({"customer_columns": {"email": "text"}}, "without personal data"),
        ({"customer_columns": {"mobile_2": "text"}}, "without personal data"),
        ({"order_columns": {"guest_email": "text"}}, "without personal data"),
        ({"customer_columns": {"birth_year": "integer"}}, "without personal data"),
        ({"customer_columns": {"rule_tier": "text"}}, "do not have yet"),
        ({"customer_columns": {"customer_key": "integer"}}, "do not have yet"),
        ({"customer_columns": {"account_number": "text"}}, "do not have yet"),
        ({"order_columns": {"row_key": "text"}}, "do not have yet"),
        ({"order_columns": {"account_id": "text"}}, "do not have yet"),
        ({"order_columns": {"group": "text"}}, "no words of SQL"),
        ({"order_columns": {"net_amount": "decimal"}}, "do not have yet"),
        ({"customer_columns": {"club": "varchar"}}, "it must be one of text, integer"),
        ({"customer_columns": {"gender": "integer"}}, "it must be text, which"),
        ({"order_columns": {"paid_at": "timestamp"}}, "later than the as-of date"),
    ],
)
def test_columns_that_cannot_be_passed_on_are_refused(
    warehouse, tmp_path, vars, sentence
):
    build = warehouse.build(tmp_path, vars, select="stage_rules", check=False)
    message = "".join(build.messages.values())
    assert f"The variable {next(iter(vars))}" in message
    assert sentence in message


def test_a_column_that_the_input_does_not_have_is_not_passed_on(warehouse, tmp_path):
    vars = {"customer_columns": {"club": "text"}}
    user = {"user_id": "u1", "registered_at": "2024-01-01"}
    build = warehouse.build(
        tmp_path, vars, {"users": [user]}, select="base_shop__users", check=False
    )
    assert "has no column 'club', which is required" in "".join(build.messages.values())


def test_a_column_that_is_mapped_to_personal_data_is_refused(warehouse, tmp_path):
    vars = {
        "customer_columns": {"contact": "text"},
        "input_users": {"from": "raw_users", "columns": {"contact": "lower(email)"}},
    }
    build = warehouse.build(tmp_path, vars, select="stage_rules", check=False)
    assert "without personal data" in "".join(build.messages.values())


def test_the_guide_lists_the_definitions_that_can_be_replaced(warehouse):
    guide = GUIDE.read_text(encoding="utf-8").split("### Definitions of your own")[1]
    listed = re.findall(r"`(\w+)\([^`]*\)`", guide.split("\n##")[0])
    found = [
        macro["name"].removeprefix("default__")
        for macro in warehouse.manifest["macros"].values()
        if macro["original_file_path"].startswith("macros/definitions/")
        and macro["name"].startswith("default__")
    ]
    assert sorted(listed) == sorted(found)


def test_the_guide_shows_the_variables_of_the_host():
    block = GUIDE.read_text(encoding="utf-8").split("## As a package")[1]
    block = block.split("```yaml\n")[2].split("```")[0]
    host = yaml.safe_load((HOST / "dbt_project.yml").read_text(encoding="utf-8"))
    shown = yaml.safe_load(block)
    assert shown["flags"].items() <= host["flags"].items()
    assert {k: host[k] for k in shown if k != "flags"} == {
        k: shown[k] for k in shown if k != "flags"
    }
