"""Measure a full build, its data tests and a one-day increment, beside a floor and a
rival.

    python benchmarks/bench.py --sizes S M L
        S 10 thousand customers, M 100 thousand, L a million; 18 months each

Prints a table and writes it as JSON (target/bench/results.json). benchmarks/README.md
says what each number is. Every step is a process of its own; a shop that was generated
before is used again.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
from shop import ARRIVALS, PROJECT, arrive, location, withdraw

BENCHMARKS = PROJECT / "benchmarks"
RIVALS = sorted((BENCHMARKS / "rival").glob("*.sql"))
SIZES = {"S": 10_000, "M": 100_000, "L": 1_000_000}
PARTS = ("tests", "zone", "long", "identity")
OTHER_ZONE = "America/New_York"
MONTHS = 18
THREADS, MEMORY, SPILL = 2, "6GiB", "50GiB"
# A query that does everything at once cannot do with what a model can.
RIVAL_MEMORY = "16GiB"
GIB = 2**30
DEAREST = 10

# Each ratio with the most it may be. The targets are set for size L on two cores.
TARGETS = {
    "models / floor": 10,
    "models / rival": 0.5,
    "increment / models": 0.15,
    "peak memory, GiB": 8,
    "models L / M": 11,
    "36 / 18 months": 2.2,
    "joined / separate accounts": 1.15,
}


@dataclass(frozen=True)
class Run:
    """A shop and how it is measured. Density: rows a day, as a multiple; linked: the
    share of customers with a second account (to the rival every account is one)."""

    name: str
    customers: int
    months: int = MONTHS
    density: int = 1
    linked: float = 0
    zone: str = "UTC"
    with_tests: bool = False
    is_full_only: bool = False


def plan(sizes, parts):
    """The runs of the sizes (name, customers), then the other zone and twice the months
    with as many rows a day, both once: at M, else at the last size; and one with joined
    accounts, at the last size."""
    runs = [Run(name, count, with_tests="tests" in parts) for name, count in sizes]
    base = next((run for run in runs if run.name == "M"), runs[-1])
    base = replace(base, with_tests=False)
    if "zone" in parts:
        runs.append(replace(base, name=f"{base.name} {OTHER_ZONE}", zone=OTHER_ZONE))
    if "long" in parts:
        long = replace(base, name=f"{base.name} {2 * MONTHS} months", density=2)
        runs.append(replace(long, months=2 * MONTHS, is_full_only=True))
    if "identity" in parts:
        last = Run(*sizes[-1], linked=0.05, is_full_only=True)
        runs.append(replace(last, name=f"{last.name} joined"))
    return runs


def size_of(path):
    """Bytes of a file, or of the files in a folder; 0 where there is none."""
    try:
        if path.is_dir():
            return sum(size_of(file) for file in path.iterdir())
        return path.stat().st_size
    except FileNotFoundError:  # a spill file may go while it is looked at
        return 0


def measure(command, log, spill=None, environment=None):
    """Run a command to its end, its output going to the file `log`.

    Returns what it took: exit code, wall and processor seconds, the most GiB it held in
    memory and in the folder `spill`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    spilled, ended, start = 0, 0, time.perf_counter()
    with log.open("w") as file:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=PROJECT,
            env=os.environ | (environment or {}),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        while not ended:
            time.sleep(0.05)
            spilled = max(spilled, size_of(spill) if spill else 0)
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {
        "exit_code": process.returncode,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_memory_gib": usage.ru_maxrss / 2**20,
        "peak_spill_gib": spilled / GIB,
    }


def must_succeed(step, log):
    """The step. Raises RuntimeError with the end of its output if it failed."""
    if step["exit_code"]:
        raise RuntimeError(f"{log}:\n{log.read_text(errors='replace')[-3000:]}")
    return step


class Bench:
    """Measures one run in a folder of its own below `work`."""

    def __init__(self, run, work):
        self.run = run
        shop = f"{run.customers}_customers_{run.months}_months"
        self.data = work / "data" / (f"{shop}_joined" if run.linked else shop)
        self.folder = work / run.name.replace(" ", "_").replace("/", "_")
        self.database = self.folder / "warehouse.duckdb"
        self.rival = self.folder / "rival.duckdb"

    def measure(self):
        """All the steps of the run, in order. Returns its part of the JSON."""
        run = self.run
        self._make_shop()
        for path in self.folder.glob("*.duckdb*"):
            path.unlink()
        result = {
            "name": run.name,
            "customers": run.customers,
            "months": run.months,
            "zone": run.zone,
            "rows_in": self._rows_in(),
        }
        seeds_and_models = ("--resource-type", "seed", "--resource-type", "model")
        if run.linked:
            apart = {"stitch_id_types": []}
            result["separate"] = self._build(
                "separate", "build", *seeds_and_models, variables=apart
            )
            self.database.unlink()
        result["full"] = self._build("full", "build", *seeds_and_models)
        if run.with_tests:
            result["tests"] = self._test()
        if not run.is_full_only:
            result["floor"] = self._query(BENCHMARKS / "floor.sql")
            result["rival"] = {
                path.stem: self._query(path, RIVAL_MEMORY) for path in RIVALS
            }
            result["agreement"] = self._compare()
            self.rival.unlink()
            arrive(self.data)
            result["rows_in_after_a_day"] = self._rows_in()
            result["increment"] = self._build("increment", "run")
            withdraw(self.data)
        result["ratios"] = ratios(result)
        return result

    def _make_shop(self):
        command = [sys.executable, BENCHMARKS / "shop.py", "--out", self.data]
        command += ["--customers", self.run.customers, "--months", self.run.months]
        command += ["--density", self.run.density, "--linked", self.run.linked]
        log = self.folder / "shop.log"
        must_succeed(measure(command, log), log)
        withdraw(self.data)

    def _rows_in(self):
        counts = {}
        for name in ARRIVALS:
            query = f"select count(*) from '{location(self.data, name)}'"
            counts[name] = duckdb.sql(query).fetchone()[0]
        return counts

    def _dbt(self, log, *arguments, variables=None):
        """A dbt command as a user would give it, on the files of the shop."""
        variables = dict(variables or {})
        variables |= {f"input_{name}": location(self.data, name) for name in ARRIVALS}
        variables["business_timezone"] = self.run.zone
        environment = {
            "CUSTOMER_OPS_DUCKDB": str(self.database),
            "CUSTOMER_OPS_MEMORY_LIMIT": MEMORY,
            "CUSTOMER_OPS_SPILL_LIMIT": SPILL,
            "CUSTOMER_OPS_THREADS": str(THREADS),
            "DBT_THREADS": "1",
            "DBT_TARGET_PATH": str(self.folder / "dbt"),
            "DBT_LOG_PATH": str(self.folder / "dbt" / "logs"),
        }
        command = [Path(sys.executable).with_name("dbt"), "--log-level", "warn"]
        command += [*arguments, "--vars", json.dumps(variables)]
        return measure(command, log, Path(f"{self.database}.tmp"), environment)

    def _results(self, resource_type):
        """Nodes of a kind in dbt's last command, each with what dbt noted about it."""
        target = self.folder / "dbt"
        results = json.loads((target / "run_results.json").read_text())["results"]
        nodes = json.loads((target / "manifest.json").read_text())["nodes"]
        found = [(nodes[result["unique_id"]], result) for result in results]
        return [pair for pair in found if pair[0]["resource_type"] == resource_type]

    def _build(self, name, *arguments, variables=None):
        """A build: `models` is from the first model's start to the last one's end."""
        log = self.folder / f"{name}.log"
        step = must_succeed(self._dbt(log, *arguments, variables=variables), log)
        models = self._results("model")
        layers = {}
        for node, result in models:
            layer = Path(node["path"]).parts[0]
            layers[layer] = layers.get(layer, 0) + result["execution_time"]
        moments = [
            datetime.fromisoformat(timing[edge])
            for _, result in models
            for timing in result["timing"]
            for edge in ("started_at", "completed_at")
        ]
        span = (max(moments) - min(moments)).total_seconds()
        return step | {
            "models": span,
            "start_and_end": step["seconds"] - span,
            "layers": layers,
            "model_seconds": dearest_first(models),
            "snapshot_models": self._snapshot_models(),
            "file_gib": size_of(self.database) / GIB,
        }

    def _snapshot_models(self):
        """The models with a row per customer and snapshot date."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows = connection.execute(
                "select table_name from duckdb_columns() "
                "where column_name in ('customer_id', 'snapshot_date') "
                "group by table_name having count(*) = 2 order by all"
            ).fetchall()
        return [name for (name,) in rows]

    def _test(self):
        """All data tests; a failure is counted, it is not the end."""
        step = self._dbt(
            self.folder / "tests.log", "test", "--select", "test_type:data"
        )
        tests = self._results("test")
        statuses = [result["status"] for _, result in tests]
        counts = {status: statuses.count(status) for status in sorted(set(statuses))}
        return step | {"statuses": counts, "test_seconds": dearest_first(tests)}

    def _query(self, path, memory=MEMORY):
        """A query in a process of its own; `error` in place of seconds if it failed."""
        limits = {"threads": THREADS, "memory_limit": memory}
        limits["max_temp_directory_size"] = SPILL
        command = [sys.executable, BENCHMARKS / "query.py", path, "--data", self.data]
        command += ["--database", self.rival, "--zone", self.run.zone]
        command += ["--limits", json.dumps(limits)]
        log = self.folder / f"{path.stem}.log"
        step = measure(command, log, Path(f"{self.rival}.tmp"))
        step["process_seconds"] = step.pop("seconds")
        output = log.read_text(errors="replace")
        if step["exit_code"]:
            return step | {"error": output.strip()[-500:]}
        return step | json.loads(output)

    def _compare(self):
        command = [sys.executable, BENCHMARKS / "agreement.py", "--rival", self.rival]
        command += ["--warehouse", self.database]
        log = self.folder / "agreement.log"
        must_succeed(measure(command, log), log)
        return json.loads(log.read_text())


def dearest_first(nodes):
    """Seconds by name of the nodes, the most first."""
    seconds = {node["name"]: result["execution_time"] for node, result in nodes}
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def rival_seconds(result):
    """Seconds of the rival's queries that came to an end."""
    return sum(query.get("seconds", 0) for query in result["rival"].values())


def ratios(result):
    """The ratios of one run."""
    models, found = result["full"]["models"], {}
    if "floor" in result:
        found["models / floor"] = models / result["floor"]["seconds"]
        found["models / rival"] = models / rival_seconds(result)
        found["increment / models"] = result["increment"]["models"] / models
    if "separate" in result:
        found["joined / separate accounts"] = models / result["separate"]["models"]
    steps = [result[name] for name in ("full", "tests", "increment") if name in result]
    found["peak memory, GiB"] = max(step["peak_memory_gib"] for step in steps)
    return found


def ratios_between(results):
    """The ratios of one run to another: of size, and of length of history."""
    full, found = {result["name"]: result["full"] for result in results}, {}
    if "M" in full and "L" in full:
        found["models L / M"] = full["L"]["models"] / full["M"]["models"]
    for result in results:
        if result["months"] == 2 * MONTHS:
            long, short = result["full"], full[result["name"].split()[0]]
            found["36 / 18 months"] = sum_of(long, False) / sum_of(short, False)
            found["36 / 18 months, customer x snapshot"] = sum_of(long, True) / sum_of(
                short, True
            )
    return found


def sum_of(build, of_snapshots):
    """Seconds of the models with a row per customer and snapshot, or of the others."""
    return sum(
        seconds
        for name, seconds in build["model_seconds"].items()
        if (name in build["snapshot_models"]) == of_snapshots
    )


def machine():
    """Where, when and with what the numbers were measured."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": memory / GIB,
        "system": platform.platform(),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "threads": THREADS,
        "memory_limit": MEMORY,
        "rival_memory_limit": RIVAL_MEMORY,
        "spill_limit": SPILL,
        "measured_at": datetime.now().astimezone().isoformat(timespec="seconds"),
    }


def line(label, value, note=""):
    """A line of the table: a number and a note."""
    return f"  {label:<44} {value:>12,.2f}  {note}".rstrip()


def step_line(label, step, key="seconds"):
    """A line about a command: its seconds, and what else it took."""
    note = (
        f"cpu {step['cpu_seconds']:.1f} s, {step['peak_memory_gib']:.2f} GiB, "
        f"spilled {step['peak_spill_gib']:.2f} GiB"
    )
    return line(label, step.get(key, float("nan")), step.get("error", note))


def ratio_lines(found):
    """Ratios beside their targets."""
    for name, value in found.items():
        target, verdict = TARGETS.get(name), ""
        if target is not None:
            verdict = f"target {target} at L: {'ok' if value <= target else 'missed'}"
        yield line(name, value, verdict)


def table(result):
    """The lines of one run's block."""
    full = result["full"]
    yield (
        f"{result['name']}: {result['customers']:,} customers, {result['months']} "
        + (f"months, {result['zone']}")
    )
    rows = ", ".join(f"{v:,} {k}" for k, v in result["rows_in"].items())
    yield f"  rows in: {rows}"
    yield step_line("models, seconds", full, "models")
    yield from (line(f"  layer {k}", v) for k, v in full["layers"].items())
    models = list(full["model_seconds"].items())[:DEAREST]
    yield from (line(f"  {k}", v) for k, v in models)
    yield line("start and end of dbt, seconds", full["start_and_end"])
    yield line("database file, GiB", full["file_gib"])
    if "separate" in result:
        yield step_line("models, accounts separate", result["separate"], "models")
    if "tests" in result:
        statuses = ", ".join(f"{v} {k}" for k, v in result["tests"]["statuses"].items())
        yield step_line("data tests, start of dbt included, seconds", result["tests"])
        yield f"    {statuses}"
    if "floor" in result:
        yield step_line("one-day increment, seconds", result["increment"], "models")
        yield step_line("floor, seconds", result["floor"])
        yield line("rival, seconds", rival_seconds(result))
        yield from (step_line(f"  {k}", v) for k, v in result["rival"].items())
        wrong = [k for k, v in result["agreement"].items() if v["different"]]
        yield f"  marts the rival contradicts: {', '.join(wrong) or 'none'}"
    yield from ratio_lines(result["ratios"])


def size(text):
    """A type for argparse: S, M, L or a number of customers, as (name, customers)."""
    if text in SIZES:
        return text, SIZES[text]
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(SIZES)}")
    return text, int(text)


def main(arguments=None):
    """Run the command line. Returns what it wrote."""
    parser = argparse.ArgumentParser(description="Measure builds of generated shops.")
    add = parser.add_argument
    sizes = "S, M, L or numbers of customers (S)"
    add("--sizes", nargs="+", type=size, default=[size("S")], metavar="N", help=sizes)
    parts = "what to measure beside (tests zone identity, and long where M is a size)"
    add("--parts", nargs="*", choices=PARTS, help=parts)
    work = "where shops and databases go (target/bench)"
    add("--work", type=Path, default=PROJECT / "target" / "bench", help=work)
    add("--out", type=Path, help="the JSON (results.json in the work folder)")
    wanted = parser.parse_args(arguments)
    if wanted.parts is None:
        has_middle = "M" in dict(wanted.sizes)
        wanted.parts = [part for part in PARTS if part != "long" or has_middle]

    results = []
    for run in plan(wanted.sizes, wanted.parts):
        results.append(Bench(run, wanted.work.resolve()).measure())
        print("\n".join(table(results[-1])), flush=True)
    between = ratios_between(results)
    print("\n".join(ratio_lines(between)))
    found = {"machine": machine(), "targets": TARGETS, "runs": results}
    found["ratios"] = between
    out = wanted.out or wanted.work / "results.json"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    main()
