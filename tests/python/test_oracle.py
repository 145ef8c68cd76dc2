"""Every published table of the sample shop equals the oracle's, cell by cell."""

from functools import cached_property

import pytest
from compare import assert_same
from oracle import audit, core, growth, retention, value
from oracle.shop import Settings, load_shop
from warehouse import PROJECT

# The oracle that answers for a folder of models/marts.
ORACLES = {
    "audit": audit,
    "core": core,
    "growth": growth,
    "journey": core,
    "retention": retention,
    "value": value,
}

# Published tables, by folder. dim_segments is a reference seed, nothing to compute.
FOLDER_OF = {
    path.stem: path.parent.name
    for path in sorted((PROJECT / "models" / "marts").glob("*/*.sql"))
    if path.stem != "dim_segments"
}

# Every test run sees the same future: none but the rows planted in it.
FIXED_CLOCK = {"future_cutoff_at": "2025-12-31T00:00:00Z"}

SCENARIOS = {
    "default": {},
    "middle of a month": {"as_of_date": "2024-09-15"},
    "end of a month": {"as_of_date": "2025-02-28"},
    "New York": {
        "business_timezone": "America/New_York",
        "input_timezone": "Asia/Shanghai",
        "week_start": "sunday",
    },
}


class Sample:
    """The sample shop under some variables: as dbt builds it, and by the oracle."""

    def __init__(self, build, vars):
        self.build = build
        self.vars = vars
        self._tables = {}

    @cached_property
    def shop(self):
        return load_shop(PROJECT / "seeds" / "shop", Settings.from_vars(self.vars))

    def expected(self, oracle):
        """The tables of an oracle module, name -> rows."""
        if oracle not in self._tables:
            self._tables[oracle] = oracle.tables(self.shop)
        return self._tables[oracle]


@pytest.fixture(scope="module", params=SCENARIOS)
def sample(request, warehouse, tmp_path_factory):
    vars = FIXED_CLOCK | SCENARIOS[request.param]
    folder = tmp_path_factory.mktemp("sample")
    return Sample(warehouse.build(folder, vars=vars, check=False), vars)


def test_the_build_succeeds_without_a_warning(sample):
    assert (sample.build.messages, sample.build.warnings) == ({}, [])


@pytest.mark.parametrize("table", FOLDER_OF)
def test_a_table_equals_the_oracle(sample, table):
    expected = sample.expected(ORACLES[FOLDER_OF[table]])
    assert table in expected, f"the oracle does not compute {table}"
    assert expected[table], f"the sample leaves {table} empty: nothing is compared"
    assert_same(table, expected[table], sample.build.table(table))


def test_every_table_of_the_oracle_is_published(sample):
    computed = {name for each in ORACLES.values() for name in sample.expected(each)}
    assert computed == set(FOLDER_OF)
