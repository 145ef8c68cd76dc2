"""Erase people: put them on the list that builds leave out, and empty what was built.

    python scripts/erase.py < people.txt      or type the lines, which no history keeps
    python scripts/erase.py --target postgres < people.txt

A line is an account id or an e-mail, or says what it names: account, email, phone,
anonymous or respondent, a colon, and it. The list, seeds/reference/erased_people.csv,
holds salted hashes only. The next build leaves out every row that names one of them;
"make erase" runs it and publishes. docs/privacy.md says what goes and what does not.
"""

import argparse
import csv
import os
import re
import shutil
import sys
from contextlib import closing
from hashlib import md5
from pathlib import Path

import duckdb
import yaml
from marts import PublishingError, listed
from project import BUILD_FILE, PROJECT, literal, project_variables
from publish_duckdb import check_free

LIST = PROJECT / "seeds" / "reference" / "erased_people.csv"
TARGET = PROJECT / os.environ.get("DBT_TARGET_PATH", "target")
LOGS = PROJECT / os.environ.get("DBT_LOG_PATH", "logs")
KINDS = ("account", "email", "phone", "anonymous", "respondent")
SCHEMAS = "customer_ops_"
# What accounts are known by, compared as builds compare it. Accounts of one customer
# have the customer in common; an e-mail of guests only has no account.
NAMES = """
    with users as (
        select user_id, email, phone from customer_ops_staging.base_shop__users
        where user_id is not null and coalesce(reason_code, '') <> 'erased'
    )
    select 'account' as kind, user_id as name, user_id from users
    union
    select 'email', lower(email), user_id from users where email is not null
    union
    select 'phone', regexp_replace(phone, '[^0-9]', '', 'g'), user_id from users
    where regexp_replace(phone, '[^0-9]', '', 'g') <> ''
    union
    select
        id_type,
        case id_type
            when 'email' then lower(id_value)
            when 'phone' then regexp_replace(id_value, '[^0-9]', '', 'g')
            else id_value
        end,
        user_id
    from customer_ops_staging.base_shop__identities
    where id_type in ('email', 'phone', 'anonymous') and user_id is not null
        and (id_type <> 'phone' or regexp_replace(id_value, '[^0-9]', '', 'g') <> '')
        and id_value is not null and coalesce(reason_code, '') <> 'erased'
    union
    select 'customer', customer_id, user_id from customer_ops_staging.stg_shop__accounts
    where customer_id is not null
    union
    select 'email', normalised_guest_email, null
    from customer_ops_staging.base_shop__orders
    where normalised_guest_email is not null
"""


class ErasureError(Exception):
    """Something a person has to put right; the message is one sentence for them."""


def read_lines(lines):
    """What lines name, as (kind, name) pairs, compared as builds compare it."""
    named = []
    for line in lines:
        kind, colon, name = (part.strip() for part in line.partition(":"))
        if not colon or kind not in KINDS:
            name = line.strip()
            kind = "email" if "@" in name else "account"
        if name:
            named.append((kind, normalised(kind, name)))
    if not named:
        raise ErasureError(
            "Nobody was named. Write a line for each account id or e-mail; nothing was"
            " changed."
        )
    return named


def normalised(kind, name):
    """A name as the macro naming_hash compares it."""
    if kind == "email":
        return name.lower()
    return re.sub("[^0-9]", "", name) if kind == "phone" else name


def find_salt(path):
    """The salt of the environment, or of a file of variables.

    Raises ErasureError if there is none: a guess would tell who is on the list.
    """
    variables = project_variables()
    if path:
        variables |= yaml.safe_load(path.read_text(encoding="utf-8"))
    salt = os.environ.get("IDENTITY_SALT", variables["identity_salt"])
    if not salt:
        raise ErasureError(
            "IDENTITY_SALT is not set, and hashes without a salt would tell who is on"
            " the list. Set it to a long random text, keep it, run make build, and"
            " then this again; nothing was changed."
        )
    return salt


def known_names(target):
    """What the last build knows accounts by: (kind, name) -> set of accounts."""
    with closing(connect(target)) as connection:
        cursor = connection.cursor()
        cursor.execute(NAMES)
        known = {}
        for kind, name, account in cursor.fetchall():
            known.setdefault((kind, name), set()).update({account} - {None})
    return known


def connect(target):
    """A connection to what was built; its errors say what to do."""
    if target == "spark":
        raise ErasureError(
            "On Spark nobody is looked up. Name everything they are known by, accounts,"
            " e-mails and phones, and say --unseen; nothing was changed."
        )
    if target == "postgres":
        # Only a build on PostgreSQL installs its client.
        import psycopg2

        # It reads the same variables of the environment as profiles.yml.
        return psycopg2.connect(dbname=os.environ.get("PGDATABASE", "customer_ops"))
    if not BUILD_FILE.exists():
        raise ErasureError(
            f"{BUILD_FILE} does not exist, so nobody can be looked up. Run make build"
            " first; nothing was changed."
        )
    check_free(BUILD_FILE)
    return duckdb.connect(BUILD_FILE, read_only=True)


def all_names(named, known, others_stay=False):
    """All names of the people who are named: the given ones and those of the accounts.

    Raises ErasureError for a name that nobody has, and for one that other accounts have
    too: whether they are the same person's only a person knows. others_stay: they are
    not, and what they share is left out.
    """
    accounts = {name for kind, name in named if kind == "account"}
    for number, name in enumerate(named, 1):
        if name not in known:
            raise ErasureError(
                f"Line {number} names nobody that the last build knows. Check its"
                " spelling and kind, or say --unseen if it shall be kept out of later"
                " builds all the same; nothing was changed."
            )
        if len(known[name] - accounts) > 1:
            raise ErasureError(
                f"Line {number} is that of several accounts"
                f" ({listed(sorted(known[name]))}). Name those that are meant instead;"
                " nothing was changed."
            )
    for name in named:
        accounts |= known[name]
    theirs = {name for name, owners in known.items() if owners & accounts}
    shared = {name for name in theirs if known[name] - accounts}
    others = sorted(set().union(*(known[name] for name in shared)) - accounts)
    if others and not others_stay:
        raise ErasureError(
            "Other accounts have an e-mail or phone of these people, or are joined to"
            f" them: {listed(others)}. Name them too if they are the same people's; if"
            " not, say --others-stay. Nothing was changed."
        )
    return {name for name in theirs - shared if name[0] in KINDS} | set(named)


def salted(salt, text):
    """The hash that the macro salted_hash computes."""
    return md5(f"{salt}{text}".encode()).hexdigest()


def name_hash(salt, kind, name):
    """The hash that the macro naming_hash computes."""
    return salted(salt, f"{kind}:{name}")


def read_list(path, salt):
    """The hashes on the list. Raises ErasureError if it was begun with another salt."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    if any(line["salt_hash"] != mark_of(salt) for line in lines):
        raise ErasureError(
            f"{path} was written with another IDENTITY_SALT. Set the salt of that time"
            " again; nothing was changed."
        )
    return {line["name_hash"] for line in lines}


def mark_of(salt):
    """What the list says of its salt, as the macro salt_mark does."""
    return salted(salt, "erased_people")[:6]


def write_list(path, hashes, salt):
    """Put the list in its place, whole."""
    text = "".join(f"{name_hash},{mark_of(salt)}\n" for name_hash in sorted(hashes))
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.write_text(f"name_hash,salt_hash\n{text}", encoding="utf-8")
    unfinished.replace(path)


def remove_traces(target):
    """Remove what earlier builds wrote: deleted rows stay in a file's free blocks."""
    if target == "duckdb":
        empty_build_file(BUILD_FILE)
    # Errors of databases quote values.
    (TARGET / "run_results.json").unlink(missing_ok=True)
    for folder in (LOGS, TARGET / "doctor"):
        shutil.rmtree(folder, ignore_errors=True)


def empty_build_file(path):
    """Remove the build file; what else lies in it, tables of inputs, is copied anew."""
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        schemas = connection.execute(
            "select schema_name from duckdb_schemas() where database_name ="
            f" current_database() and starts_with(schema_name, '{SCHEMAS}')"
        ).fetchall()
        for [schema] in schemas:
            connection.execute(f'drop schema "{schema}" cascade')
        [[others]] = connection.execute(
            "select count(*) from duckdb_tables()"
        ).fetchall()
        if others:
            name = connection.execute("select current_database()").fetchone()[0]
            connection.execute(f"attach {literal(new)} as rewritten")
            connection.execute(f'copy from database "{name}" to rewritten')
    Path(f"{path}.wal").unlink(missing_ok=True)
    shutil.rmtree(f"{path}.tmp", ignore_errors=True)
    if others:
        new.replace(path)
    else:
        path.unlink()


def main():
    """Read who is meant, put them on the list, and say what is to be done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--target", default="duckdb", help="where the build runs")
    add("--vars", type=Path, help="the file of variables")
    add("--unseen", action="store_true", help="list what is given, known or not")
    add("--others-stay", action="store_true", help="what others share is not listed")
    arguments = parser.parse_args()
    if sys.stdin.isatty():
        print("An account id or an e-mail a line; end with Ctrl-D:", file=sys.stderr)
    try:
        salt = find_salt(arguments.vars)
        named, old = read_lines(sys.stdin), read_list(LIST, salt)
        names = set(named)
        if not arguments.unseen:
            again = [name for name in named if name_hash(salt, *name) in old]
            known = dict.fromkeys(again, set()) | known_names(arguments.target)
            names = all_names(named, known, arguments.others_stay)
        new = {name_hash(salt, *name) for name in names}
        write_list(LIST, old | new, salt)
        remove_traces(arguments.target)
    except (ErasureError, PublishingError) as error:
        sys.exit(str(error))
    except (duckdb.Error, OSError) as error:
        sys.exit(f"Nobody was erased: {' '.join(str(error).split())}")
    print(
        f"{len(new)} names of these people are on the list, {len(new - old)} of them"
        " new: accounts, e-mails and phones."
    )
    print("Until the next build is published, clients read what was published before.")


if __name__ == "__main__":
    main()
