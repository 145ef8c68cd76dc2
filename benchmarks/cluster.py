"""Build a shop on a Spark cluster of this machine, and say how its work was shared.

    python benchmarks/cluster.py --customers 100000
        two workers of one core each, on 127.0.0.1 (scripts/servers.py)

Prints seconds, the tasks and the memory of each worker, and the stages in which one
task had far more than its share, and writes all of it as JSON. The shop is that of
bench.py.
"""

import argparse
import json
import os
import re
import sys
import threading
from pathlib import Path
from urllib.request import urlopen

from bench import BENCHMARKS, measure, must_succeed
from shop import ARRIVALS, PROJECT, location, withdraw

sys.path.insert(0, str(PROJECT / "scripts"))
from servers import spark_cluster  # noqa: E402  (a script, not an installed package)

WORK = PROJECT / "target" / "bench"
EXECUTOR = "CoarseGrainedExecutorBackend"
# Fewer rows are no burden to one task, however they are spread.
ROWS_TO_SPREAD = 100_000
SHOWN = 5


class MemoryWatch(threading.Thread):
    """Notes the most memory that each executor of an application holds, in GiB."""

    def __init__(self, application):
        super().__init__(daemon=True)
        self.application = application
        self.peaks = {}
        self._is_over = threading.Event()

    def run(self):
        """Look twice a second, until stop()."""
        while not self._is_over.wait(0.5):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    command = (process / "cmdline").read_text()
                    if EXECUTOR not in command or self.application not in command:
                        continue
                    status = (process / "status").read_text()
                except OSError:  # it has ended
                    continue
                kilobytes = int(status.partition("VmHWM:")[2].split()[0])
                self.peaks[process.name] = kilobytes / 2**20

    def stop(self):
        """End the watch. Returns the peaks, largest first."""
        self._is_over.set()
        self.join()
        return sorted(self.peaks.values(), reverse=True)


def shares(ui, workers):
    """What the application did, by its web page: executors, and stages of many rows.

    Returns two lists of dicts. The skew of a stage is the rows of its largest task as
    a multiple of an equal share: what there would be if all tasks, at least one for
    each worker, read the same.
    """
    base = f"{ui}/api/v1/applications/{application(ui)}"
    executors = [
        {
            "executor": executor["id"],
            "tasks": executor["totalTasks"],
            "task_seconds": executor["totalDuration"] / 1000,
            "gc_seconds": executor["totalGCTime"] / 1000,
            "input_mib": executor["totalInputBytes"] / 2**20,
            "shuffle_read_mib": executor["totalShuffleRead"] / 2**20,
        }
        for executor in read(f"{base}/executors")
        if executor["id"] != "driver"
    ]
    stages = [
        skew
        for stage in read(f"{base}/stages?status=complete")
        if (skew := skew_of(base, stage, workers))
    ]
    return executors, sorted(stages, key=lambda stage: -stage["skew"])


def application(ui):
    """The id of the one application that the page tells of."""
    return read(f"{ui}/api/v1/applications")[0]["id"]


def skew_of(base, stage, workers):
    """How evenly a stage's rows were spread; None if they are few."""
    rows = stage["inputRecords"] + stage["shuffleReadRecords"]
    if rows < ROWS_TO_SPREAD:
        return None
    path = f"{base}/stages/{stage['stageId']}/{stage['attemptId']}"
    tasks = read(f"{path}/taskList?length={stage['numTasks']}&sortBy=-runtime")
    largest = max(map(rows_of, tasks))
    return {
        "stage": stage["stageId"],
        "rows": rows,
        "tasks": stage["numTasks"],
        "seconds": stage["executorRunTime"] / 1000,
        "skew": largest * max(stage["numTasks"], workers) / rows,
        "spilled_mib": stage["diskBytesSpilled"] / 2**20,
        "of": model_of(stage.get("description", "")),
    }


def model_of(query):
    """The model that a query of dbt says it is for."""
    found = re.search(r'"node_id": "[a-z]+[.]customer_ops[.](\w+)', query)
    return found[1] if found else "no model"


def rows_of(task):
    """Rows that a task read."""
    metrics = task.get("taskMetrics", {})
    return metrics.get("inputMetrics", {}).get("recordsRead", 0) + metrics.get(
        "shuffleReadMetrics", {}
    ).get("recordsRead", 0)


def read(url):
    """A page of JSON."""
    with urlopen(url) as answer:
        return json.load(answer)


def build(data, folder, environment):
    """A full build of the shop's models on the cluster; as bench.measure says it."""
    variables = {f"input_{name}": location(data, name) for name in ARRIVALS}
    command = [Path(sys.executable).with_name("dbt"), "--log-level", "warn", "build"]
    command += ["--target", "spark", "--vars", json.dumps(variables)]
    command += ["--resource-type", "seed", "--resource-type", "model"]
    paths = {"DBT_TARGET_PATH": str(folder), "DBT_LOG_PATH": str(folder / "logs")}
    log = folder / "build.log"
    return must_succeed(measure(command, log, environment=environment | paths), log)


def report(result):
    """Print what the run took and how it was shared."""
    print(f"build: {result['seconds']:.0f} s")
    for executor in result["executors"]:
        print(
            f"worker {executor['executor']}: {executor['tasks']} tasks,"
            f" {executor['task_seconds']:.0f} s ({executor['gc_seconds']:.0f} s of it"
            f" garbage collection); read {executor['input_mib']:.0f} MiB of files and"
            f" {executor['shuffle_read_mib']:.0f} MiB of each other's"
        )
    peaks = ", ".join(f"{peak:.2f}" for peak in result["peak_gib"])
    print(f"peak memory of the workers, GiB: {peaks}")
    stages = result["stages"]
    print(f"{len(stages)} stages read {ROWS_TO_SPREAD:,} rows or more; most skewed:")
    for stage in stages[:SHOWN]:
        print(
            f"    {stage['skew']:.1f} times an equal share: {stage['rows']:,} rows,"
            f" {stage['tasks']} tasks, {stage['seconds']:.1f} s: {stage['of']}"
        )


def main():
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Build a shop on a Spark cluster.")
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--months", type=int, default=18)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory", default="1280m", help="heap of an executor")
    work = "where shops are and results go (target/bench)"
    parser.add_argument("--work", type=Path, default=WORK, help=work)
    wanted = parser.parse_args()
    folder = wanted.work / f"cluster_{wanted.customers}"
    shop = f"{wanted.customers}_customers_{wanted.months}_months"
    data = wanted.work.resolve() / "data" / shop
    command = [sys.executable, BENCHMARKS / "shop.py", "--out", data, "--density", 1]
    command += ["--customers", wanted.customers, "--months", wanted.months]
    log = folder / "shop.log"
    must_succeed(measure(command, log), log)
    withdraw(data)
    with spark_cluster(wanted.workers, wanted.memory) as variables:
        ui = variables["SPARK_APPLICATION_UI"]
        watch = MemoryWatch(application(ui))
        watch.start()
        result = build(data, folder, dict(os.environ) | variables)
        result["executors"], result["stages"] = shares(ui, wanted.workers)
        result["peak_gib"] = watch.stop()
    report(result)
    (folder / "results.json").write_text(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
