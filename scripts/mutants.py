"""Plant small errors in the SQL of the core models and see which tests notice them.

    python scripts/mutants.py --count 150 --minutes 60
    python scripts/mutants.py --only int_customers

A mutant is the project with one change of scripts/mutations.py in the core models or
the definitions. A seeded sample of them runs against the tests of the project, the
cheapest first, up to the first that fails: unit tests, the oracle on the sample shop,
data tests, the oracle in its other scenarios, and every pytest file that builds a
warehouse.

Nothing is written into the project: a change is made in the manifest that dbt has
parsed, and every mutant is a process of its own, forked from one that has all in place.
Mutants that may survive are listed with the reason in scripts/mutants_survivors.yml.
Fails if fewer than 90 % are noticed, or if one survives without a reason.
"""

import argparse
import contextlib
import io
import multiprocessing
import random
import re
import shutil
import sys
import tempfile
import time
from functools import cached_property
from multiprocessing.connection import wait
from pathlib import Path

import pytest
import yaml
from mutations import make_mutants
from project import PROJECT, project_variables

TESTS = PROJECT / "tests" / "python"
sys.path.insert(0, str(TESTS))

from compare import differences  # noqa: E402
from test_oracle import FIXED_CLOCK, FOLDER_OF, ORACLES, SCENARIOS, Sample  # noqa: E402
from warehouse import DATABASE, Warehouse, _messages  # noqa: E402

SURVIVORS = PROJECT / "scripts" / "mutants_survivors.yml"
LEAST_SCORE = 0.9
WORKERS = 2
# A change may make a query explode. A test run that hangs is a test run that noticed.
MINUTES_EACH = 15
# Messages about SQL that cannot run: no error that a test could miss.
NOT_SQL = ("Parser Error", "Binder Error", "Catalog Error", "Compilation Error")
NOT_VALID = "not valid SQL"


class Laboratory(Warehouse):
    """The project parsed once and built once per scenario, with the oracle's tables."""

    @cached_property
    def scenarios(self):
        """Scenario -> its variables, the default one first."""
        return {name: FIXED_CLOCK | vars for name, vars in SCENARIOS.items()}

    @cached_property
    def databases(self):
        """Scenario -> the database of the unchanged project."""
        databases = {}
        for number, (name, vars) in enumerate(self.scenarios.items()):
            folder = self.folder / str(number)
            folder.mkdir()
            databases[name] = self.build(folder, vars=vars).database
        return databases

    @cached_property
    def expected(self):
        """Scenario -> table -> the oracle's rows."""
        samples = {name: Sample(None, vars) for name, vars in self.scenarios.items()}
        return {
            name: {
                table: sample.expected(ORACLES[folder])[table]
                for table, folder in FOLDER_OF.items()
            }
            for name, sample in samples.items()
        }

    @property
    def pieces(self):
        """Unique id, path and code of every model and macro of the project."""
        manifest = self._parsed
        for node in manifest.nodes.values():
            if node.resource_type == "model":
                yield node.unique_id, node.original_file_path, node.raw_code
        for macro in manifest.macros.values():
            if macro.package_name == manifest.metadata.project_name:
                yield macro.unique_id, macro.original_file_path, macro.macro_sql

    def plant(self, mutant):
        """Change the parsed project; the way back is a new process."""
        for manifest in (self._parsed, self._without_tests):
            if mutant.unique_id.startswith("macro."):
                manifest.macros[mutant.unique_id].macro_sql = mutant.code
            else:
                manifest.nodes[mutant.unique_id].raw_code = mutant.code

    def models_with(self, unique_id):
        """Names of the models that run a piece of code: itself, or who calls it."""
        if unique_id.startswith("model."):
            return [self._parsed.nodes[unique_id].name]
        macros, callers = set(), {unique_id}
        while callers - macros:
            macros |= callers
            callers = {
                macro.unique_id
                for macro in self._parsed.macros.values()
                if macros & set(macro.depends_on.macros)
            }
        return [
            node.name
            for node in self._parsed.nodes.values()
            if node.resource_type == "model" and macros & set(node.depends_on.macros)
        ]

    def failed_tests(self, chosen, scenario, folder):
        """Run chosen dbt tests on a folder's database: name -> message of failures."""
        result, _ = self._invoke(
            ["test", "--no-write-json", "--indirect-selection", "eager"]
            + ["--select", *chosen],
            self.scenarios[scenario],
            folder / DATABASE,
            self._parsed.deepcopy(),
        )
        return _messages(result)


def who_notices(laboratory, models, folder):
    """The first test that fails now, None if none does.

    models: names of the models with the change; all of them are looked at if empty.
    folder: an empty one for databases and for what dbt writes.
    """
    laboratory.folder = folder
    folders = {}
    for number, (scenario, database) in enumerate(laboratory.databases.items()):
        folders[scenario] = folder / str(number)
        folders[scenario].mkdir()
        shutil.copy(database, folders[scenario])
    default, *others = folders.items()
    return (
        unit_tests(laboratory, models, *default)
        or oracle(laboratory, models, *default)
        or data_tests(laboratory, models, *default)
        or first(oracle(laboratory, models, *other) for other in others)
        or pytest_files(laboratory)
    )


def first(notices):
    """The first notice that is one."""
    return next(filter(None, notices), None)


def unit_tests(laboratory, models, scenario, folder):
    """The first unit test of the models that fails."""
    chosen = [f"{model},test_type:unit" for model in models] or ["test_type:unit"]
    return first_of(laboratory.failed_tests(chosen, scenario, folder), "unit test")


def data_tests(laboratory, models, scenario, folder):
    """The first data test of the models, or of what reads them, that fails."""
    chosen = [f"{model}+,test_type:data" for model in models] or ["test_type:data"]
    return first_of(laboratory.failed_tests(chosen, scenario, folder), "data test")


def oracle(laboratory, models, scenario, folder):
    """Builds the models and what reads them; the first mart the oracle contradicts."""
    build = laboratory.build(
        folder,
        vars=laboratory.scenarios[scenario],
        # From empty: stored tables do not notice a change of a macro.
        select=" ".join(f"{model}+" for model in ["int_customer_keys", *models])
        if models
        else None,
        full_refresh=True,
        check=False,
    )
    if build.messages:
        return first_of(build.messages, "build of")
    for table, expected in laboratory.expected[scenario].items():
        if differences(table, expected, build.table(table)):
            return f"oracle ({scenario}) on {table}"
    return None


def pytest_files(laboratory):
    """The first test that fails in the other pytest files that build a warehouse."""
    failed = []

    class Listener:
        def pytest_runtest_logreport(self, report):
            if report.failed:
                failed.append(report.nodeid.removeprefix("tests/python/"))

    # Tests make warehouses of their own; here they get the changed project.
    Warehouse._parse = property(lambda _: laboratory.__dict__["_parse"])
    Warehouse.manifest = property(lambda _: laboratory.__dict__["manifest"])
    files = [
        str(path)
        for path in sorted(TESTS.glob("test_*.py"))
        if path.name != "test_oracle.py"
        and re.search(r"\(.*\bwarehouse\b", path.read_text(encoding="utf-8"))
    ]
    options = ["-x", "-q", "-p", "no:cacheprovider", "--rootdir", str(PROJECT)]
    with contextlib.redirect_stdout(io.StringIO()):
        code = pytest.main([*options, *files], plugins=[Listener()])
    if failed:
        return failed[0]
    return f"pytest, which ended with {code}" if code else None


def first_of(failed, kind):
    """The first of what failed in dbt, in a few words; None if nothing did."""
    if not failed:
        return None
    name, message = next(iter(failed.items()))
    if any(words in message for words in NOT_SQL):
        return f"{NOT_VALID}: {' '.join(message.split())[:150]}"
    return f"{kind} {name}"


def examine(laboratory, mutant, sender):
    """In a process of its own: plant a mutant (None: nothing), send who noticed it."""
    models = []
    if mutant:
        laboratory.plant(mutant)
        models = laboratory.models_with(mutant.unique_id)
    with tempfile.TemporaryDirectory() as folder:
        sender.send(who_notices(laboratory, models, Path(folder)))


def examine_all(laboratory, mutants, deadline):
    """Examine mutants, a few at once; yields (mutant, who noticed it) as they end.

    deadline: no mutant is begun after this time.
    """
    fork = multiprocessing.get_context("fork")
    waiting, running = list(mutants), {}
    while running or (waiting and time.monotonic() < deadline):
        while waiting and len(running) < WORKERS and time.monotonic() < deadline:
            mutant = waiting.pop(0)
            receiver, sender = fork.Pipe(duplex=False)
            process = fork.Process(target=examine, args=(laboratory, mutant, sender))
            process.start()
            sender.close()
            running[receiver] = (mutant, process, time.monotonic() + 60 * MINUTES_EACH)
        for receiver in wait(list(running), timeout=1):
            mutant, process, _ = running.pop(receiver)
            try:
                notice = receiver.recv()
            except EOFError:
                notice = "the test run, which broke off"
            process.join()
            yield mutant, notice
        for receiver, (mutant, process, end) in list(running.items()):
            if time.monotonic() > end:
                del running[receiver]
                process.kill()
                process.join()
                yield mutant, f"the test run, which hung for {MINUTES_EACH} minutes"


def is_explained(mutant, survivors):
    """Whether the list of survivors gives a reason for this one."""
    return any(
        (mutant.path, mutant.before, mutant.after)
        == (survivor["file"], survivor["line"], survivor["becomes"])
        for survivor in survivors
    )


def main():
    """Examine a sample of mutants and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=150, help="how many at most")
    parser.add_argument(
        "--minutes", type=float, default=60, help="time for all of them"
    )
    parser.add_argument("--seed", type=int, default=20240229, help="of the sample")
    parser.add_argument("--only", default="", help="part of a path")
    arguments = parser.parse_args()
    deadline = time.monotonic() + 60 * arguments.minutes
    survivors = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    null_variables = {
        name for name, value in project_variables().items() if value is None
    }

    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder))
        possible = [
            mutant
            for mutant in make_mutants(laboratory.pieces, null_variables)
            if arguments.only in mutant.path
        ]
        chosen = random.Random(arguments.seed).sample(
            possible, min(arguments.count, len(possible))
        )
        print(f"{len(chosen)} of {len(possible)} possible mutants; preparing ...")
        assert laboratory.manifest and laboratory.databases and laboratory.expected
        [(_, notice)] = examine_all(laboratory, [None], deadline)
        if notice:
            sys.exit(f"The unchanged project fails already: {notice}.")
        results = []
        for mutant, notice in examine_all(laboratory, chosen, deadline):
            results.append((mutant, notice))
            print(f"[{len(results)}/{len(chosen)}] {mutant.path}: {mutant.after}")
            print(f"    {notice or 'SURVIVES'}", flush=True)
    sys.exit(report(results, survivors, len(chosen)))


def report(results, survivors, chosen_count):
    """Print the score and the survivors; returns an exit status."""
    valid = [
        (mutant, notice)
        for mutant, notice in results
        if not (notice or "").startswith(NOT_VALID)
    ]
    alive = [mutant for mutant, notice in valid if not notice]
    unexplained = [mutant for mutant in alive if not is_explained(mutant, survivors)]
    score = 1 - len(alive) / max(len(valid), 1)
    print(
        f"\n{len(valid)} mutants examined, {len(valid) - len(alive)} noticed:"
        f" {score:.1%}. {len(results) - len(valid)} were no valid SQL,"
        f" {chosen_count - len(results)} had no time."
        f" Of {len(alive)} survivors {len(unexplained)} have no reason."
    )
    for mutant in unexplained:
        entry = {"file": mutant.path, "line": mutant.before, "becomes": mutant.after}
        print(yaml.safe_dump([entry], sort_keys=False, width=1000), end="")
    return int(score < LEAST_SCORE or bool(unexplained))


if __name__ == "__main__":
    main()
