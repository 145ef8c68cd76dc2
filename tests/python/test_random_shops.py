"""Nasty shops: whatever the inputs and variables, the oracle agrees.

A normal run looks at the same few shops every time. HYPOTHESIS_PROFILE=fuzz looks at
new ones, FUZZ_EXAMPLES of them (100), and shrinks what fails.
"""

import os
import shutil
from pathlib import Path

import pytest
from compare import differences
from hypothesis import HealthCheck, Phase, assume, given, settings
from linked_shop import MIDDLE, linked_shop
from nasty_shops import shops, variables
from oracle import all_tables
from oracle.shop import Settings, load_shop
from test_oracle import FOLDER_OF, with_plain_columns

FIXED_CLOCK = {"future_cutoff_at": "2026-01-01T00:00:00Z"}

COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile(
    "ci",
    max_examples=8,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    **COMMON,
)
settings.register_profile(
    "fuzz", max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")), **COMMON
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shop")


class Variety:
    """Keeps hypothesis from varying one shop cell by cell: a build is too dear for it.

    Once a shop has failed, every variation of it is welcome.
    """

    def __init__(self):
        self.built = {}
        self.has_failed = False

    def welcomes(self, inputs):
        """Whether no other shop with as many rows in every input was built before."""
        size = tuple(len(rows or []) for rows in inputs.values())
        return self.has_failed or self.built.setdefault(size, inputs) == inputs


@pytest.fixture(scope="module")
def variety():
    return Variety()


@given(inputs=shops(), vars=variables())
def test_a_random_shop_equals_the_oracle(warehouse, folder, variety, inputs, vars):
    assume(variety.welcomes(inputs))
    vars = FIXED_CLOCK | vars
    variety.has_failed = True
    assert_equals_the_oracle(warehouse, fresh(folder), inputs, vars)
    variety.has_failed = False


@pytest.mark.parametrize(
    "vars",
    [
        {},
        {"as_of_date": MIDDLE},
        {"stitch_id_types": ["phone"], "stitch_max_accounts": 2},
    ],
    ids=["all is known", "half is known", "by phone, in pairs"],
)
def test_a_shop_of_linked_accounts_equals_the_oracle(warehouse, tmp_path, vars):
    assert_equals_the_oracle(warehouse, tmp_path, linked_shop(), FIXED_CLOCK | vars)


def assert_equals_the_oracle(warehouse, folder, inputs, vars):
    build = warehouse.build(folder, vars=vars, inputs=inputs)
    shop = load_shop(inputs, Settings.from_vars(vars))
    expected = oracle_tables(shop, build.table("fct_model_parameters"))
    found = [
        line
        for table in FOLDER_OF
        for line in differences(table, expected[table], build.table(table))[:3]
    ]
    assert not found, "\n".join(found)


def fresh(folder: Path) -> Path:
    """The folder, emptied: an input of the last shop must not survive it."""
    shutil.rmtree(folder)
    folder.mkdir()
    return folder


def oracle_tables(shop, parameters=()) -> dict[str, list[dict]]:
    """Every table of the oracle; parameters are those to predict with."""
    return with_plain_columns(shop, all_tables(shop, parameters))
