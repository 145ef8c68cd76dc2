"""The mutants that scripts/mutants.py plants, and what it leaves alone."""

import pytest
from mutations import changes, make_mutants


def mutate(code, null_variables=()):
    """Every version of a piece of code with one change."""
    return [
        code[:start] + replacement + code[end:]
        for start, end, replacement in changes(code, null_variables)
    ]


@pytest.mark.parametrize(
    ("code", "mutants"),
    [
        ("where a < b", ["where a <= b"]),
        ("where a >= b", ["where a > b"]),
        ("where a = b", ["where a <> b"]),
        ("when a and b then c", ["when a or b then c"]),
        ("from a inner join b", ["from a left join b"]),
        ("from a left join b", ["from a inner join b"]),
        ("select min(a), left(b, c)", ["select max(a), left(b, c)"]),
        ("where a is null", ["where a is not null"]),
        ("where a is not null", ["where a is null"]),
        ("select lag(a, 7)", ["select lag(a, 6)", "select lag(a, 8)"]),
        ("select a + 1", ["select a + 0"]),
        ("{{ add_days('a', 1) }}", ["{{ add_days('a', 0) }}"]),
        ("{{ var('k_window_days') }}", ["{{ (var('k_window_days') + 1) }}"]),
    ],
)
def test_a_change_is_one_small_error(code, mutants):
    assert mutate(code) == mutants


@pytest.mark.parametrize(
    "code",
    [
        "-- a < 1 and b",
        "{# a < 1 and b #}",
        "select 'a < 1 and b'",
        "cast(a as decimal(18, 2))",
        "group by 1, 2",
        "from a cross join b on a.x = b.x and a.y = b.y",
        "rows between unbounded preceding and current row",
        "{{ macro(a=b) }}",
        "select column_1, t.x",
    ],
)
def test_what_says_nothing_or_explodes_is_left_alone(code):
    assert mutate(code) == []


def test_nothing_is_added_to_a_variable_that_is_null():
    assert mutate("{{ var('rfm_window_days') }}", {"rfm_window_days"}) == []


def test_only_core_and_definitions_are_mutated():
    code = "select 1\n\n  from a  where b < c"
    pieces = [
        ("model.p.a", "models/marts/core/a.sql", code),
        ("model.p.b", "models/marts/value/b.sql", code),
    ]
    constant, comparison = make_mutants(pieces)
    assert (constant.before, constant.after) == ("select 1", "select 0")
    assert comparison.path == "models/marts/core/a.sql"
    assert comparison.after == "from a  where b <= c"
    assert comparison.code == "select 1\n\n  from a  where b <= c"
