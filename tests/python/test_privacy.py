"""What must not be known does not get about, and who is erased leaves no trace."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import erase
import pytest
from warehouse import PROJECT, locations

SALT = "pepper-of-this-test"
DBT = "import sys; from dbt.cli.main import cli; sys.argv[0] = 'dbt'; cli()"

# No other text looks like one of these. The first two of each kind are of ann, who is
# erased in the end.
EMAILS = ["Ann.Planted@Leak.Example", "ann.guest@leak.example", "zoe@leak.example"]
# Only what is known of accounts says that these are ann's.
IDENTITY, VISITOR = "ann.third@leak.example", "visitor-ann"
PHONES = ["139-7777-1234", "13977771234", "13888885678"]
TEXTS = ["planted reason", "planted note", "planted answer", "planted year 1937"]
OF_ANN = ["acct-ann", "acct-twin", "acct-eve", "ord-ann", *EMAILS[:2], *PHONES[:2]]
OF_ANN += [IDENTITY, VISITOR]
DAY = "2024-03-05 10:00:00"

SHOP = {
    "users": [
        {"user_id": "acct-ann", "email": EMAILS[0], "phone": PHONES[0]},
        # Other accounts of hers, which only her phone or her e-mail gives away.
        {"user_id": "acct-twin", "email": "", "phone": PHONES[1]},
        {"user_id": "acct-zoe", "email": EMAILS[2], "phone": PHONES[2]},
        # A phone without a digit is nobody's: one of ann's identities is one too.
        {
            "user_id": "acct-bob",
            "birth_year": TEXTS[3],
            "gender": "female",
            "phone": "n/a",
        },
        {"user_id": "acct-eve", "registered_at": "", "email": EMAILS[0]},
        {"user_id": "", "email": EMAILS[2], "phone": PHONES[2]},
    ],
    "orders": [
        {"order_id": "ord-ann-1", "user_id": "acct-ann"},
        {"order_id": "ord-ann-2", "guest_email": EMAILS[0].upper() + " "},
        {"order_id": "ord-ann-3", "user_id": "acct-ann", "status": "lost"},
        {"order_id": "ord-ann-4", "user_id": "acct-twin"},
        {"order_id": "ord-ann-5", "guest_email": IDENTITY},
        {"order_id": "ord-zoe-1", "user_id": "acct-zoe"},
        {"order_id": "ord-zoe-2", "guest_email": EMAILS[1]},
        {"order_id": "ord-zoe-3", "guest_email": EMAILS[2], "status": "lost"},
        {"order_id": "", "user_id": "acct-bob"},
    ],
    "logins": [
        {"login_id": "log-1", "user_id": "acct-ann"},
        {"login_id": "log-2", "user_id": "acct-zoe"},
        {"login_id": "log-3", "user_id": "acct-ann", "login_at": PHONES[1]},
        {"login_id": "log-4", "user_id": "acct-twin"},
    ],
    "order_items": [
        {"order_id": "ord-ann-1"},
        {"order_id": "ord-zoe-1"},
        {"order_id": "ord-none", "quantity": "0"},
    ],
    "refunds": [
        {"refund_id": "ref-1", "order_id": "ord-ann-1"},
        {"refund_id": "ref-2", "order_id": "ord-zoe-1"},
        {"refund_id": "ref-3", "order_id": "ord-ann-3"},
    ],
    "events": [
        {"event_id": "ev-1", "user_id": "acct-ann", "page": TEXTS[1]},
        {"event_id": "ev-2", "user_id": "acct-zoe", "target_user_id": "acct-ann"},
        {"event_id": "ev-3", "user_id": "acct-zoe", "rating": TEXTS[2]},
        {"event_id": "ev-4", "anonymous_id": VISITOR},
    ],
    "identities": [
        {"user_id": "acct-ann", "id_type": "email", "id_value": IDENTITY},
        {"user_id": "acct-ann", "id_type": "anonymous", "id_value": VISITOR},
        {"user_id": "acct-ann", "id_type": "face", "id_value": PHONES[0]},
        {"user_id": "acct-ann", "id_type": "phone", "id_value": "none"},
        {"user_id": "acct-zoe", "id_type": "device", "id_value": "d1"},
    ],
    "referrals": [
        {"referral_id": "rf-1", "referrer_id": "acct-zoe", "referee_id": "acct-ann"},
        {"referral_id": "rf-2", "referrer_id": "acct-ann", "referee_id": "acct-ann"},
    ],
    "operating_costs": [
        {"cost_id": "co-1", "user_id": "acct-ann"},
        {"cost_id": "co-2", "user_id": "acct-zoe"},
    ],
    "contacts": [
        {"contact_id": "ct-1", "user_id": "acct-ann"},
        {"contact_id": "ct-2", "user_id": "acct-zoe"},
    ],
    "survey_responses": [
        {"response_id": "sv-1", "user_id": "acct-zoe", "feature_code": TEXTS[2]},
        {"response_id": "sv-2", "user_id": "acct-ann", "score": TEXTS[2]},
        {"response_id": "sv-3", "respondent_id": "x", "self_importance": TEXTS[2]},
    ],
}
GOOD = {
    "users": {"registered_at": "2024-03-01", "notes": TEXTS[1]},
    "orders": {
        "ordered_at": DAY,
        "status": "paid",
        "gross_amount": "10",
        "notes": TEXTS[1],
    },
    "logins": {"login_at": DAY},
    "order_items": {
        "line_number": "1",
        "item_id": "p",
        "quantity": "1",
        "unit_price": "1",
    },
    "refunds": {"refunded_at": DAY, "amount": "1", "reason": TEXTS[0]},
    "events": {"event_name": "view", "event_at": DAY},
    "identities": {"linked_at": DAY},
    "referrals": {"invited_at": DAY},
    "operating_costs": {
        "cost_date": "2024-03-05",
        "cost_type": "service",
        "amount": "1",
    },
    "contacts": {"channel": "sms", "sent_at": DAY},
    "survey_responses": {"survey_type": "rating", "responded_at": DAY, "score": "4"},
}


class Shop:
    """A copy of the project in a folder of its own, with the shop above."""

    def __init__(self, folder):
        self.folder = folder
        self.build_file = folder / "target" / "build.duckdb"
        self.published = folder / "published"
        copy_project(folder)
        data = folder / "data"
        data.mkdir()
        rows = {
            name: [GOOD[name] | row for row in shop_rows]
            for name, shop_rows in SHOP.items()
        }
        self.vars = folder / "my_shop.yml"
        self.vars.write_text(json.dumps(locations(data, rows)), encoding="utf-8")

    def run(self, *words, given="", salt=SALT):
        """Run a program of the copy; returns its exit code and all that it said."""
        settings = {
            "CUSTOMER_OPS_DUCKDB": str(self.build_file),
            "IDENTITY_SALT": salt,
        }
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DBT_", "CUSTOMER_OPS_"))
        }
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env=environment | settings,
        )
        return done.returncode, done.stdout + done.stderr

    def dbt(self, *words, salt=SALT):
        """Run dbt as "make build" does, but without data tests."""
        given = ("--vars", self.vars.read_text(encoding="utf-8"))
        return self.run("-c", DBT, *words, *given, salt=salt)

    def build(self):
        """Build and publish; returns all that was said."""
        code, said = self.dbt(
            *("build", "--resource-type", "seed", "--resource-type", "model")
        )
        assert code == 0, said
        code, more = self.run("scripts/publish.py", "--remove-previous")
        assert code == 0, more
        return said + more

    def files(self):
        """All that a build and a publication leave, but for the build file."""
        for folder in ("target", "logs", "published"):
            for path in (self.folder / folder).rglob("*"):
                if path.is_file() and path != self.build_file:
                    yield path

    def tables(self, schemas=""):
        """Every row of the build file: its table, and the row as one text."""
        with duckdb.connect(self.build_file, read_only=True) as connection:
            yield from all_rows(connection, schemas)

    def query(self, sql):
        """The rows of a query on the build file."""
        with duckdb.connect(self.build_file, read_only=True) as connection:
            return connection.execute(sql).fetchall()


def copy_project(folder):
    """Copy what a build needs, without unit tests and data tests, which cost time."""
    unit_tests = shutil.ignore_patterns("*unit_tests*", "__pycache__")
    for name in ("macros", "models", "seeds", "scripts", "tests/generic"):
        shutil.copytree(PROJECT / name, folder / name, ignore=unit_tests)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, folder / name)


def all_rows(connection, schemas=""):
    """The rows of all tables and views of a database, as texts."""
    found = connection.execute(
        "select database_name, schema_name, table_name from duckdb_tables()"
        " union all select database_name, schema_name, view_name from duckdb_views()"
        " where not internal"
    ).fetchall()
    for database, schema, name in found:
        if schema.startswith(schemas):
            for [row] in connection.execute(
                f'select cast(t as varchar) from "{database}"."{schema}"."{name}" as t'
            ).fetchall():
                yield f"{schema}.{name}", row


def erase_people(shop, *lines, words=(), salt=SALT):
    """Put people on the list; returns the exit code and what was said."""
    return shop.run("scripts/erase.py", *words, given="\n".join(lines), salt=salt)


def names_in(text, names):
    """Those of the names that a text or the bytes of a file hold, whatever the case."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    text = text.lower()
    return [name for name in names if name.lower() in text]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop, built and published; what was said is its attribute."""
    shop = Shop(tmp_path_factory.mktemp("shop") / "project")
    shop.said = shop.build()
    return shop


def planted():
    """The values that only the build file may hold."""
    return [*EMAILS, IDENTITY, *PHONES, *TEXTS, SALT]


def test_every_input_has_planted_rows_that_are_accepted_and_rejected(shop):
    # Or the search below would find nothing because there is nothing.
    rows = shop.query(
        "select input_name, accepted_count, rejected_count from"
        " customer_ops_audit.audit_input_reconciliation where raw_count > 0"
    )
    assert {name for name, accepted, _ in rows if accepted} == set(SHOP)
    assert sum(rejected for _, _, rejected in rows) >= 8
    held = "\n".join(row for _, row in shop.tables("customer_ops_"))
    assert names_in(held, planted()) == planted()


def test_nothing_that_a_build_leaves_holds_a_planted_value(shop):
    files = {path.relative_to(shop.folder) for path in shop.files()}
    # What is searched: statements, results, logs, the publication.
    for name in ("target/run_results.json", "logs/dbt.log", "target/manifest.json"):
        assert Path(name) in files
    assert sum(path.suffix == ".parquet" for path in files) > 40
    assert sum(path.suffix == ".sql" for path in files) > 150

    leaks = {
        str(path.relative_to(shop.folder)): found
        for path in shop.files()
        if (found := names_in(path.read_bytes(), planted()))
    }
    assert leaks == {}
    assert names_in(shop.said, planted()) == []


def test_no_published_table_or_file_holds_a_planted_value(shop):
    # Strings are compressed in these files, so that their bytes alone prove little.
    with duckdb.connect(shop.published / "customer_ops.duckdb") as connection:
        rows = list(all_rows(connection))
    parquet = duckdb.sql(f"from glob('{shop.published}/current/*.parquet')").fetchall()
    for [path] in parquet:
        rows += [
            (path, row)
            for [row] in duckdb.sql(
                f"select cast(t as varchar) from '{path}' as t"
            ).fetchall()
        ]

    assert len({table for table, _ in rows}) > 60
    assert [table for table, row in rows if names_in(row, planted())] == []


def test_guests_are_known_by_the_hash_of_the_definition(shop):
    [[customer]] = shop.query(
        "select customer_id from customer_ops_marts.fct_orders"
        " where order_id = 'ord-zoe-2'"
    )
    assert customer == "guest:" + erase.salted(SALT, EMAILS[1].lower())


def test_the_doctor_shows_no_planted_value(shop):
    code, said = shop.run("scripts/doctor.py", "--vars", shop.vars.name)

    assert code == 1
    assert names_in(said, planted()) == []
    # It says of all of them that they are there.
    for sentence in (
        "1 values of birth_year cannot be read",
        "1 values of rating cannot be read",
        "1 values of self_importance cannot be read",
        "rejected as unparsable_timestamp",
        "rejected as unknown_status: its status",
    ):
        assert sentence in said
    assert not list((shop.folder / "target" / "doctor").glob("*.duckdb*"))


BAD_MAPPINGS = [
    ("users", {"phone": "cast(phone as integer)"}),
    ("users", {"birth_year": "cast(birth_year as integer)"}),
    ("users", {"friend_count": "cast(email as integer)"}),
    ("users", {"region": "error(notes)"}),
    ("users", {"gender": "struct_pack(a := 1)[notes]"}),
    ("refunds", {"reason": "cast(reason as integer)"}),
    ("survey_responses", {"score": "cast(self_importance as integer)"}),
]


@pytest.mark.parametrize(("name", "columns"), BAD_MAPPINGS, ids=str)
def test_a_build_that_cannot_begin_quotes_no_planted_value(shop, name, columns):
    variables = json.loads(shop.vars.read_text(encoding="utf-8"))
    mapped = {"from": variables[f"input_{name}"], "columns": columns}
    path = shop.folder / "wrong.yml"
    path.write_text(json.dumps(variables | {f"input_{name}": mapped}))
    code, said = shop.run("scripts/doctor.py", "--before-build", "--vars", path.name)

    assert code == 2
    assert f"Column {next(iter(columns))} is mapped to" in said
    assert names_in(said, planted()) == []


@pytest.mark.parametrize("damage", [f"{EMAILS[2]},x,y,z\n", f'"{TEXTS[1]}\n', "\xff"])
def test_a_damaged_csv_is_told_of_without_its_rows(shop, damage):
    variables = json.loads(shop.vars.read_text(encoding="utf-8"))
    good = Path(variables["input_users"]).read_bytes()
    damaged = shop.folder / "damaged.csv"
    damaged.write_bytes(good + good.split(b"\n")[1] + b"\n" + damage.encode("latin-1"))
    path = shop.folder / "wrong.yml"
    path.write_text(json.dumps(variables | {"input_users": str(damaged)}))
    code, said = shop.run("scripts/doctor.py", "--before-build", "--vars", path.name)

    assert (code, "error: users: " in said) == (2, True)
    assert names_in(said, planted()) == []


def test_a_failing_data_test_shows_no_row(shop):
    test = shop.folder / "tests" / "generic" / "fails.sql"
    test.write_text("{% test fails(model) %} select * from {{ model }} {% endtest %}")
    folder = shop.folder / "models" / "staging" / "shop"
    (folder / "fails.yml").write_text(
        "models: [{name: base_shop__users_copy, data_tests: [fails]}]"
    )
    (folder / "base_shop__users_copy.sql").write_text(
        "select * from {{ ref('base_shop__users') }}"
    )
    code, said = shop.dbt("build", "--select", "base_shop__users_copy")
    for path in (test, folder / "fails.yml", folder / "base_shop__users_copy.sql"):
        path.unlink()

    assert code == 1
    assert "Got 6 results" in said
    assert names_in(said, planted()) == []
    assert [p for p in shop.files() if names_in(p.read_bytes(), planted())] == []


LIST = Path("seeds", "reference", "erased_people.csv")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([], "Nobody was named."),
        (["acct-ann "], "Other accounts have an e-mail or phone of these people, or"),
        (["acct-ann "], "acct-eve, acct-twin. Name them too"),
        (["acct-zoe", "phone: 13977771234"], "Line 2 is that of several accounts"),
        (["acct-anne"], "Line 1 names nobody that the last build knows."),
        (["account: zoe@leak.example"], "Line 1 names nobody"),
    ],
)
def test_nobody_is_erased_by_a_slip(shop, lines, sentence):
    code, said = erase_people(shop, *lines)

    assert code == 1
    assert sentence in said
    assert "Traceback" not in said
    assert (shop.folder / LIST).read_text() == (PROJECT / LIST).read_text()
    assert shop.build_file.exists()


def test_nobody_is_erased_without_a_salt(shop):
    code, said = erase_people(shop, "acct-zoe", salt="")

    assert (code, "IDENTITY_SALT is not set" in said) == (1, True)
    assert (shop.folder / LIST).read_text() == (PROJECT / LIST).read_text()


@pytest.fixture(scope="module")
def erased(shop):
    """The shop when ann has been erased and it was built and published again."""
    lines = ["acct-ann", "acct-twin", "acct-eve", EMAILS[1].upper()]
    code, said = erase_people(shop, *lines)
    assert code == 0, said
    shop.said = said + shop.build()
    return shop


def test_who_is_erased_leaves_no_trace(erased):
    rows = [row for row in erased.tables() if names_in(row[1], OF_ANN)]
    assert rows == []
    # The build file, too: deleted rows would stay in its free blocks.
    paths = [*erased.files(), erased.build_file, erased.folder / LIST]
    assert [path for path in paths if names_in(path.read_bytes(), OF_ANN)] == []
    with duckdb.connect(erased.published / "customer_ops.duckdb") as connection:
        assert not [row for row in all_rows(connection) if names_in(row[1], OF_ANN)]
    assert len(list((erased.published / "builds").iterdir())) == 1
    assert names_in(erased.said, OF_ANN) == []


def test_others_are_as_they_were(erased):
    customers = erased.query("select customer_id from customer_ops_marts.dim_customers")
    assert sorted(customers) == [("acct-bob",), ("acct-zoe",)]
    orders = erased.query("select order_id from customer_ops_marts.fct_orders")
    assert orders == [("ord-zoe-1",)]


def test_every_row_of_the_erased_is_counted_and_empty(erased):
    counts = dict(
        erased.query(
            "select input_name, count(*) from customer_ops_audit.audit_rejected_rows"
            " where reason_code = 'erased' group by 1"
        )
    )
    assert counts == {
        "users": 3,
        "orders": 6,
        "logins": 3,
        "order_items": 1,
        "refunds": 2,
        "events": 3,
        "identities": 4,
        "referrals": 2,
        "operating_costs": 1,
        "contacts": 1,
        "survey_responses": 1,
    }
    assert erased.query(
        "select distinct row_key, all_reason_codes, raw_record"
        " from customer_ops_audit.audit_rejected_rows where reason_code = 'erased'"
    ) == [(None, "erased", "{}")]
    reconciled = erased.query(
        "select input_name, raw_count, accepted_count + rejected_count"
        " from customer_ops_audit.audit_input_reconciliation where raw_count > 0"
    )
    assert sorted(reconciled) == sorted(
        (name, len(rows), len(rows)) for name, rows in SHOP.items()
    )


def test_another_salt_does_not_let_the_erased_back(erased):
    code, said = erased.dbt("build", "--select", "base_shop__users", salt="other")
    assert code == 1
    assert "was written with another IDENTITY_SALT" in said

    code, said = erase_people(erased, "acct-zoe", salt="other")
    assert (code, "was written with another IDENTITY_SALT" in said) == (1, True)


def test_who_is_erased_twice_is_on_the_list_once(erased):
    before = (erased.folder / LIST).read_text()
    code, said = erase_people(erased, "acct-ann")

    assert code == 0
    assert ", 0 of them new" in said
    assert (erased.folder / LIST).read_text() == before
