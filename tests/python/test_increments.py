"""Increments: a build on top of an earlier one equals a build from empty.

The shop of growing_shop arrives in many ways (day by day, with changes and deletions,
interrupted by a kill), and random shops live through whatever hypothesis thinks of.
After a step, every public table holds the rows of a build of the same inputs in a new
folder; what the earlier builds left behind must not show.

A normal run builds as seldom as it can. HYPOTHESIS_PROFILE=fuzz builds every day of
the shop, every change alone, more kills and FUZZ_EXAMPLES / 4 random lives.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from datetime import date
from functools import partial
from pathlib import Path
from random import Random

import duckdb
import pytest
from growing_shop import (
    CHANGES,
    END,
    ENTERED_AHEAD,
    ENTERED_ON,
    LAST_DATE,
    LAST_DAY,
    SILENCE,
    START,
    Builds,
    State,
    changed,
    clock,
    known_on,
    plus,
    the_end,
    whole_shop,
)
from hypothesis import assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from nasty_shops import DAYS, OTHER_VALUES, ROWS, mostly, of, shops, variables
from oracle.judging import INPUTS
from test_random_shops import FIXED_CLOCK
from warehouse import DATABASE, PROJECT, locations

IS_FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
LIVES = int(os.environ.get("FUZZ_EXAMPLES", "100")) // 4 if IS_FUZZ else 2

# Ways to arrive


def days() -> Iterable[tuple[State, bool]]:
    """The shop at the ends of days, and whether to compare that day."""
    first, last = SILENCE
    compared = {last, LAST_DAY}
    # From the day after the one entered ahead to the last, nothing but time passes.
    steps = {START, plus(START, 1), ENTERED_ON, plus(ENTERED_AHEAD, 1), plus(last, 1)}
    steps = sorted(compared | steps)
    if IS_FUZZ:
        length = (LAST_DATE - date.fromisoformat(START)).days
        steps = [plus(START, number) for number in range(length + 1)]
        compared |= set(steps[::7])
    for day in steps:
        # In the silence time passes although no row says so.
        asked = {"as_of_date": day} if first <= day <= last else {}
        yield State(known_on(day), clock(day, **asked)), day in compared


def test_day_by_day_equals_one_run(builds):
    folder = builds.new_folder()
    for state, is_compared in days():
        builds.on_top(folder, state)
        if is_compared:
            builds.assert_as_from_empty(folder, state)
    builds.assert_as_from_empty(folder, the_end())


# Changes on the way


@pytest.mark.parametrize("names", [CHANGES, *([n] for n in CHANGES if IS_FUZZ)])
def test_changes_and_deletions_equal_one_run(builds, names):
    before, after = the_end(), changed(names)
    folder = builds.copy(builds.from_empty(before))
    builds.on_top(folder, after)
    builds.assert_as_from_empty(folder, after)
    assert builds.tables(folder) != builds.tables(builds.from_empty(before))
    if IS_FUZZ:
        builds.on_top(folder, before)
        builds.assert_as_from_empty(folder, before)


# What is counted and measured again, of everybody: the latest change comes first, as
# a build of these few tables ends no list of what is to be done.
RESTATED = {
    None: ("2025-05-26", LAST_DAY),
    "a share of wallet is corrected": ("2025-03-26", "2025-04-01"),
    # The refunded order is of December, the refund of March.
    "an old refund arrives": ("2024-11-25", "2025-03-01"),
    "a user changes the channel": ("2024-11-25", "2025-02-01"),
    "a line becomes dearer to us": ("2024-11-25", "2025-01-01"),
}


def test_all_is_counted_again_from_the_first_change_on(builds):
    folder, names = builds.copy(builds.from_empty(the_end())), []
    for name, expected in RESTATED.items():
        names += [name] if name else []
        state = changed(names)
        builds.warehouse.build(folder, state.vars, state.inputs, "+int_restatement")
        with duckdb.connect(folder / DATABASE) as connection:
            sql = "select * from customer_ops_intermediate.int_restatement"
            (found,) = connection.execute(sql).fetchall()
        assert tuple(map(str, found)) == expected, name


# Time and definitions

BACK = {"as_of_date": "2025-03-20"}
# None of them is in the rows of the stage rules: only the signature can tell.
OTHER_DEFINITIONS = {
    "week_start": "sunday",
    "rfm_window_days": 60,
    "activity_types": ["order", "event"],
}


@pytest.mark.parametrize("vars", [BACK | OTHER_DEFINITIONS, *([BACK] * IS_FUZZ)])
def test_back_in_time_and_forward_again_equal_one_run(builds, vars):
    folder = builds.copy(builds.from_empty(the_end()))
    for state in (State(whole_shop(), END | vars), the_end()):
        builds.on_top(folder, state)
        builds.assert_as_from_empty(folder, state)


def test_a_run_that_would_leave_tables_of_other_definitions_is_refused(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), the_end()
    build = builds.warehouse.build(
        folder,
        state.vars | OTHER_DEFINITIONS,
        state.inputs,
        select="int_customer_days",
        check=False,
    )
    assert "has changed since" in build.messages["dbt"]
    assert "would leave" in build.messages["dbt"]
    builds.assert_as_from_empty(folder, state)


def test_a_stored_table_is_made_again_with_the_others_or_not_at_all(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), the_end()
    name = "rpt_user_pyramid"
    part = partial(
        builds.warehouse.build, folder, state.vars, state.inputs, name, check=False
    )
    assert f"To make {name} from empty" in part(full_refresh=True).messages["dbt"]
    with duckdb.connect(folder / DATABASE) as connection:
        connection.execute(f"drop table customer_ops_marts.{name}")
    assert f"To make {name} from empty" in part().messages["dbt"]
    builds.on_top(folder, state)
    builds.assert_as_from_empty(folder, state)


def test_what_a_run_leaves_out_is_not_done(builds):
    folder, state = builds.copy(builds.from_empty(the_end())), changed()
    part = "path:models path:seeds --exclude fct_orders"
    builds.warehouse.build(folder, state.vars, state.inputs, part)
    builds.on_top(folder, state)
    builds.assert_as_from_empty(folder, state)


def test_the_same_inputs_twice_give_the_same_rows(builds):
    folder = builds.copy(builds.from_empty(the_end()))
    builds.on_top(folder, the_end())
    builds.assert_as_from_empty(folder, the_end())


# A kill


def kill(builds: Builds, folder: Path, state: State, share: float) -> None:
    """Run dbt build on top of the folder, and kill it when a share of it is done."""
    vars = locations(folder, state.inputs) | state.vars
    command = [
        *(str(Path(sys.executable).with_name("dbt")), "--no-use-colors", "build"),
        *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps(vars)),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
    ]
    # One target for all kills, so that the project is parsed once.
    target = builds.root / "killed"
    places = {
        "CUSTOMER_OPS_DUCKDB": str(folder / DATABASE),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target / "logs"),
    }
    with subprocess.Popen(
        command, env=os.environ | places, stdout=subprocess.PIPE, text=True
    ) as process:
        said = []
        for line in process.stdout:
            said.append(line)
            if is_done(line, share):
                process.kill()
                break
        else:
            pytest.fail("dbt ended before it could be killed:\n" + "".join(said))


def is_done(line: str, share: float) -> bool:
    """Whether dbt says that it starts, or for share 1 that it ends, such a model."""
    found = re.search(r" (\d+) of (\d+) (START|OK) .* model ", line)
    if not found:
        return False
    number, count, word = int(found[1]), int(found[2]), found[3]
    return number >= share * count and (word == "OK" or share < 1)


def test_a_build_after_a_kill_equals_one_run(builds):
    before, after = the_end(), changed()
    folder = builds.copy(builds.from_empty(before))
    # What is killed, when, and what is built then. Half of what was withdrawn after
    # a kill must not stay, nor may what was done be done again.
    kills = [([(after, 0.1)], after), ([(before, 1), (after, 0.9)], before)]
    if IS_FUZZ:
        either = partial(Random(3).choice, [before, after])
        kills += [([(either(), step / 20)], either()) for step in range(21)]
    for killed, built in kills:
        for state, share in killed:
            kill(builds, folder, state, share)
        builds.on_top(folder, built)
        builds.assert_as_from_empty(folder, built)


# Random lives of random shops

ARRIVALS = of(*INPUTS).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(st.fixed_dictionaries(ROWS[name]), min_size=1, max_size=3),
    )
)


class Life(RuleBasedStateMachine):
    """A small nasty shop to which anything may happen between two builds."""

    def __init__(self, builds: Builds) -> None:
        super().__init__()
        self.builds = builds
        self.has_changed = False

    @initialize(inputs=shops(), vars=variables())
    def open(self, inputs, vars):
        # A shop without customers has a short life.
        assume(len(inputs["users"]) > 3 and len(inputs["orders"]) > 5)
        self.inputs, self.vars = inputs, FIXED_CLOCK | vars
        self.folder = self.builds.new_folder()
        self.builds.on_top(self.folder, State(self.inputs, self.vars))

    @rule(arrival=ARRIVALS)
    def arrive(self, arrival):
        name, rows = arrival
        self.inputs[name] = [*(self.inputs[name] or []), *rows]
        self.has_changed = True

    def draw_row(self, data):
        name = data.draw(st.sampled_from([n for n in INPUTS if self.inputs[n]]))
        return name, data.draw(st.integers(0, len(self.inputs[name]) - 1))

    @precondition(lambda self: any(self.inputs.values()))
    @rule(data=st.data())
    def change(self, data):
        name, number = self.draw_row(data)
        row = self.inputs[name][number]
        column = data.draw(st.sampled_from(list(row)))
        self.inputs[name][number] = row | {column: data.draw(ROWS[name][column])}
        self.has_changed = True

    @precondition(lambda self: any(self.inputs.values()))
    @rule(data=st.data())
    def delete(self, data):
        name, number = self.draw_row(data)
        del self.inputs[name][number]
        self.has_changed = True

    @rule(order=st.randoms())
    def shuffle(self, order):
        for rows in filter(None, self.inputs.values()):
            order.shuffle(rows)

    @rule(day=mostly(DAYS, st.none(), 5))
    def let_time_pass_or_go_back(self, day):
        self.vars = self.vars | {"as_of_date": day}
        self.has_changed = True

    @rule(day=DAYS)
    def move_the_future(self, day):
        self.vars = self.vars | clock(day)
        self.has_changed = True

    @rule(name=of(*OTHER_VALUES), data=st.data())
    def define_otherwise(self, name, data):
        """Another value of a variable, or its default again."""
        if name in self.vars:
            self.vars = {key: self.vars[key] for key in self.vars if key != name}
        else:
            self.vars = self.vars | {name: data.draw(OTHER_VALUES[name])}
        self.has_changed = True

    @precondition(lambda self: self.has_changed)
    @rule()
    def build_and_compare(self):
        # Not again at the end of this life, if it fails here.
        self.has_changed = False
        state = State(self.inputs, self.vars)
        self.builds.on_top(self.folder, state)
        self.builds.assert_as_from_empty(self.folder, state)

    def teardown(self):
        if self.has_changed:
            self.build_and_compare()
        self.builds.clear()


def test_random_lives_equal_one_run_each_time(warehouse, tmp_path):
    builds = Builds(warehouse, tmp_path)
    run_state_machine_as_test(
        lambda: Life(builds),
        settings=settings(max_examples=LIVES, stateful_step_count=20 if IS_FUZZ else 7),
    )
