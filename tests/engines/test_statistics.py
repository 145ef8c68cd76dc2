"""The functions of macros/statistics are the same numbers on every engine."""

from itertools import product

import pytest
from conftest import NAMES

# Macro call over the columns of a cell -> the cells.
CALLS = {
    "{{ log_gamma('x') }}": [(x,) for x in (1e-3, 0.5, 1.5, 2.3, 40, 1e5)],
    "{{ log_beta('x', 'y') }}": list(product((0.05, 1.5, 60), (0.3, 7))),
    "{{ bg_nbd_orders_if_alive() }}": [
        *product((1, 1e-4, 8000), (0.5, 8000), (0.5, 1, 300), (1e-9, 0.01, 30, 1e9)),
    ],
    "{{ sbg_residual_periods() }}": [
        *((1e-4, 0.5, 1.5, rate) for rate in (1e-9, 0.008, 0.5)),
        *((8000, 0.5, 1.5, rate) for rate in (1e-9, 0.008, 0.5)),
        *((5, 1200, 1201, rate) for rate in (0, 1e-9, 0.008, 0.5)),
    ],
    "{{ hypergeometric_2f1('x', 'y', 'c', 'z') }}": [
        *product((-1.5, 0.3), (0.02, 5), (5.5, 100), (0, 0.5, 0.999999)),
    ],
    "{{ normal_cdf('x') }}": [(x,) for x in (-38, -37, -9, -0.3, 0, 0.7, 5, 6, 38)],
    "{{ chi_square_upper_tail('x', 'y') }}": list(
        product((0, 1e-30, 0.01, 3, 60, 210, 1500), (1, 2.5, 40, 200))
    ),
    "{{ t_upper_tail('x', 'y') }}": list(
        product((-1e40, -4, -1e-9, 0, 0.3, 2, 30, 1e9, 1e200), (1, 7.7, 1000))
    ),
}
# Macro -> its columns, and the call of what it reads beside them.
COLUMNS = {
    "bg_nbd_orders_if_alive": (
        ("r_and_x", "b_and_x", "a", "weeks_ratio"),
        "{{ bg_nbd_mean_columns() }}",
    ),
    "sbg_residual_periods": (
        ("alpha", "later_beta", "next_beta", "rate"),
        "{{ sbg_mean_columns() }}",
    ),
    "hypergeometric_2f1": (
        ("x", "y", "c", "z"),
        "{{ hypergeometric_columns('x', 'y', 'c', 'z') }}",
    ),
}
SEPARATOR = "\n-- the next query\n"


def name_of(call: str) -> str:
    return call.split("(")[0].strip("{ ")


def template(call: str, cells: list[tuple]) -> str:
    """A query of one row per cell, numbered, and a row of nothing."""
    names, wider = COLUMNS.get(name_of(call), ("xy", "null as nothing"))
    rows = [*cells, ("null",) * len(cells[0])]
    values = " union all ".join(
        f"select {number} as n, "
        + ", ".join(
            f"cast({value} as {{{{ engine_type('double') }}}}) as {name}"
            for name, value in zip(names, cell, strict=False)
        )
        for number, cell in enumerate(rows)
    )
    # Without a limit PostgreSQL plans the whole expression for each cell apart, and
    # puts the SQL of a column wherever it is read.
    cells = f"(select * from ({values}) as every_cell limit {len(rows)}) as cells"
    columns = f"(select *, {wider} from {cells} limit {len(rows)}) as wider"
    return f"select {call} as value from {columns} order by n"


def values(engine) -> dict[str, list[float]]:
    """Name of a macro -> its value for every cell."""
    names = [name_of(call) for call in CALLS]
    queries = [template(call, cells) for call, cells in CALLS.items()]
    compiled = engine.compile(SEPARATOR.join(queries)).split(SEPARATOR)
    answers = engine.read(dict(zip(names, compiled, strict=True)))
    return {name: [row["value"] for row in rows] for name, rows in answers.items()}


@pytest.fixture(scope="module")
def on_duckdb(new_engine):
    return values(new_engine("duckdb"))


@pytest.mark.parametrize("name", NAMES[1:])
def test_an_engine_computes_what_duckdb_does(new_engine, on_duckdb, name):
    found = values(new_engine(name))
    for call, expected in on_duckdb.items():
        assert found[call][-1] is None and expected[-1] is None, call
        near = pytest.approx(expected[:-1], rel=1e-9, abs=1e-300)
        assert found[call][:-1] == near, call
