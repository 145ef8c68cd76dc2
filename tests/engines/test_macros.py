"""Each macro of macros/engine that differs by engine gives the same values on all.

A case is SQL in which a macro meets one cell, and the value that it must have, written
down by hand or computed in Python. All cases of an engine are one compilation and a
few queries.
"""

import json
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from compare import is_same
from conftest import NAMES

ZONE = "America/New_York"
VARS = {
    "week_start": "sunday",
    "business_timezone": "Asia/Shanghai",
    "input_timezone": ZONE,
    "future_cutoff_at": "2026-01-01T00:00:00Z",
}


@dataclass(frozen=True)
class Case:
    """A macro call, and what it must give for each cell.

    call: a template of an expression over the column x. type: the type of x.
    values: cell as text -> value.
    """

    call: str
    type: str
    values: dict[str | None, object]

    def template(self) -> str:
        """The query of the case: one row per cell, numbered."""
        cells = " union all ".join(
            f"select {number} as n, cast({literal(cell)} as {self.type}) as x"
            for number, cell in enumerate(self.values)
        )
        return f"select n, {self.call} as y from ({cells}) as cells order by n"


def literal(text: str | None) -> str:
    """A template of a text; letters that engines quote in their own ways are built."""
    if text is None:
        return "null"
    letters = [
        f"' || chr({ord(letter)}) || '" if letter in "\\'" or letter < " " else letter
        for letter in text
    ]
    return f"('{''.join(letters)}')"


def days(text: str) -> date:
    return date.fromisoformat(text)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def on_every(cells: list[str], compute: Callable[[str], object]) -> dict:
    """Cell -> what Python computes, null of null."""
    return {cell: compute(cell) for cell in cells} | {None: None}


DATES = [
    "2024-01-01",
    "2024-02-29",
    "2024-03-31",
    "2023-02-28",
    "2000-02-29",
    "2024-12-31",
    "2024-12-29",
    "2025-01-04",
    "2025-01-05",
    "1970-01-01",
    "0001-01-07",
    "9999-12-25",
]
BASE = days("2024-02-29")


def month_of(text: str) -> date:
    return days(text).replace(day=1)


def month_end_of(text: str) -> date:
    day = days(text)
    return day.replace(day=monthrange(day.year, day.month)[1])


def quarter_of(text: str) -> date:
    day = days(text)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)


def sunday_of(text: str) -> date:
    day = days(text)
    return day - timedelta(day.isoweekday() % 7)


def months_from_base(text: str) -> int:
    day = days(text)
    return 12 * (day.year - BASE.year) + day.month - BASE.month


DATE_CASES = {
    "add_days": Case(
        "{{ add_days('x', 1) }}",
        "date",
        on_every(DATES, lambda x: days(x) + timedelta(1)),
    ),
    "add_days before": Case(
        "{{ add_days('x', -1) }}",
        "date",
        on_every(DATES, lambda x: days(x) - timedelta(1)),
    ),
    "days_between": Case(
        "{{ days_between(\"cast('2024-02-29' as date)\", 'x') }}",
        "date",
        on_every(DATES, lambda x: (days(x) - BASE).days),
    ),
    "month_start": Case("{{ month_start('x') }}", "date", on_every(DATES, month_of)),
    "month_end": Case("{{ month_end('x') }}", "date", on_every(DATES, month_end_of)),
    "quarter_start": Case(
        "{{ quarter_start('x') }}", "date", on_every(DATES, quarter_of)
    ),
    "week_start": Case("{{ week_start('x') }}", "date", on_every(DATES, sunday_of)),
    "period_start": Case(
        "{{ period_start('day', 'x') }}", "date", on_every(DATES, days)
    ),
    "months_between": Case(
        "{{ months_between(\"cast('2024-02-29' as date)\", 'x') }}",
        "date",
        on_every(DATES, months_from_base),
    ),
}


TIMESTAMPS = [
    "2024-01-01 00:00:00",
    "2024-03-10 06:59:59.999999",
    "2024-03-10 07:00:00",
    "2024-11-03 05:30:00",
    "2024-11-03 06:30:00",
    "2024-06-30 15:59:59.999999",
    "2024-06-30 16:00:00",
    "1999-12-31 23:59:59.5",
]


def wall_time(zone: str) -> Callable[[str], datetime]:
    def compute(text):
        there = instant(text).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
        return there.replace(tzinfo=None)

    return compute


def elapsed(text: str) -> float:
    passed = instant(text) - instant("2024-01-01 00:00:00")
    return (passed // timedelta(microseconds=1)) / 86_400_000_000


INSTANT_CASES = {
    "utc_to_wall_time": Case(
        "{{ utc_to_wall_time('x', 'America/New_York') }}",
        "timestamp",
        on_every(TIMESTAMPS, wall_time(ZONE)),
    ),
    "utc_to_wall_time by half an hour": Case(
        "{{ utc_to_wall_time('x', 'Australia/Lord_Howe') }}",
        "timestamp",
        on_every(TIMESTAMPS, wall_time("Australia/Lord_Howe")),
    ),
    "local_date": Case(
        "{{ local_date('x') }}",
        "timestamp",
        on_every(TIMESTAMPS, lambda x: wall_time("Asia/Shanghai")(x).date()),
    ),
    "elapsed_days": Case(
        "{{ elapsed_days(\"cast('2024-01-01 00:00:00' as timestamp)\", 'x') }}",
        "timestamp",
        on_every(TIMESTAMPS, elapsed),
    ),
}

# Twice told, the later instant; never told, moved forward.
WALL_TIMES = {
    "America/New_York": {
        "2024-03-10 01:59:59.999999": "2024-03-10 06:59:59.999999",
        "2024-03-10 02:00": "2024-03-10 07:00",
        "2024-03-10 02:30": "2024-03-10 07:30",
        "2024-03-10 03:00": "2024-03-10 07:00",
        "2024-11-03 00:59:59": "2024-11-03 04:59:59",
        "2024-11-03 01:00": "2024-11-03 06:00",
        "2024-11-03 01:30": "2024-11-03 06:30",
        "2024-11-03 02:00": "2024-11-03 07:00",
        "2024-11-03 13:30": "2024-11-03 18:30",
    },
    "Europe/London": {
        "2024-03-31 00:59:59": "2024-03-31 00:59:59",
        "2024-03-31 01:30": "2024-03-31 01:30",
        "2024-03-31 02:00": "2024-03-31 01:00",
        "2024-10-27 00:30": "2024-10-26 23:30",
        "2024-10-27 01:00": "2024-10-27 01:00",
        "2024-10-27 01:59:59": "2024-10-27 01:59:59",
        "2024-10-27 02:00": "2024-10-27 02:00",
    },
    "Australia/Lord_Howe": {
        "2024-10-06 01:59:59": "2024-10-05 15:29:59",
        "2024-10-06 02:15": "2024-10-05 15:45",
        "2024-10-06 02:30": "2024-10-05 15:30",
        "2024-04-07 01:15": "2024-04-06 14:15",
        "2024-04-07 01:30": "2024-04-06 15:00",
        "2024-04-07 01:59": "2024-04-06 15:29",
        "2024-04-07 02:00": "2024-04-06 15:30",
    },
    "Asia/Shanghai": {"2024-07-01 00:00": "2024-06-30 16:00"},
}
WALL_TIME_CASES = {
    f"wall_time_to_utc {zone}": Case(
        f"{{{{ wall_time_to_utc('x', '{zone}') }}}}",
        "timestamp",
        {wall: instant(utc) for wall, utc in times.items()} | {None: None},
    )
    for zone, times in WALL_TIMES.items()
} | {
    "instant_of_wall_time": Case(
        "{{ instant_of_wall_time('x') }}",
        "timestamp",
        {"2024-11-03 01:30": instant("2024-11-03 06:30")},
    )
}


TEXT = "{{ engine_type('varchar') }}"
MONEY = "^[+-]?[0-9]{1,15}([.][0-9]+)?$"
TEXT_CASES = {
    "matches": Case(
        f"{{{{ matches('x', '{MONEY}') }}}}",
        TEXT,
        dict.fromkeys(
            ["5", "+5", "-0", "007", "1.005", "9" * 15, "1." + "0" * 40], True
        )
        | dict.fromkeys(["", "5.", ".5", "1e3", "NaN", "9" * 16, "5\n", "\n5"], False)
        | dict.fromkeys(["٣", "５", "--1", " 5", "5\n5", "x5"], False)
        | {None: None},
    ),
    "matches a part": Case(
        "{{ matches('x', 'b.?d') }}",
        TEXT,
        {"abcde": True, "bd": True, "bccd": False, "ABCD": False},
    ),
    "trimmed": Case(
        "{{ trimmed('x') }}",
        TEXT,
        {
            "a": "a",
            " a": "a",
            "a ": "a",
            "\ta": "a",
            "a\t": "a",
            "\na": "a",
            "a\n": "a",
            "a\r\n": "a",
            "\r\n \ta b\t\t\n": "a b",
            " a\tb ": "a\tb",
            "": None,
            " ": None,
            "\t\r\n ": None,
            "\u00a0": "\u00a0",
            "\u3000a\u3000": "\u3000a\u3000",
            "a\v": "a\v",
            "!": "!",
            "客户 ": "客户",
            None: None,
        },
    ),
    "eight_decimals": Case(
        "{{ eight_decimals('x') }}",
        TEXT,
        {
            "1": "1",
            "-12.5": "-12.5",
            "1.12345678": "1.12345678",
            "1.123456789": "1.12345678",
            "+0.004999999999": "+0.00499999",
            None: None,
        },
    ),
    "read_date": Case(
        "{{ read_date('x') }}",
        TEXT,
        {day: days(day) for day in ["2024-02-29", "2000-02-29", "0001-01-01"]}
        | {"9999-12-31": days("9999-12-31")}
        | dict.fromkeys(["2023-02-29", "1900-02-29", "2024-02-30", "2024-04-31"])
        | dict.fromkeys(["0000-01-01", "2024-13-01", "2024-00-10", "2024-01-00"])
        | dict.fromkeys(["now", "today", "epoch", "infinity", "2024-1-2", "", None]),
    ),
    "read_timestamp": Case(
        "{{ read_timestamp('x') }}",
        TEXT,
        {
            "2024-01-02": instant("2024-01-02 05:00"),
            "2024-01-02T03:04Z": instant("2024-01-02 03:04"),
            "2024-01-02 03:04:05+08:00": instant("2024-01-01 19:04:05"),
            "2024-01-02 03:04:05-03:30": instant("2024-01-02 06:34:05"),
            "2024-01-02 03:04+14:00": instant("2024-01-01 13:04"),
            "2024-01-02 03:04:05.1234567Z": instant("2024-01-02 03:04:05.123456"),
            "2024-01-02 23:59:59.999999999Z": instant("2024-01-02 23:59:59.999999"),
            "2024-11-03 01:30": instant("2024-11-03 06:30"),
            "2024-03-10 02:30": instant("2024-03-10 07:30"),
        }
        | dict.fromkeys(["now", "12:30", "2024-01-02 24:00", "2024-02-30 03:04"])
        | dict.fromkeys(["2024-01-02 03:04:60", "2024-01-02 3:04", "", None]),
    ),
    "try_cast date": Case(
        "{{ try_cast('x', 'date') }}",
        TEXT,
        {"2024-02-29": days("2024-02-29"), "2023-02-29": None, "2024-06-31": None}
        | {"1900-02-29": None, "2000-02-29": days("2000-02-29"), "2024-13-01": None}
        | {"2024-00-01": None, "2024-01-00": None, "2024-01-32": None, None: None},
    ),
    "try_cast timestamp": Case(
        "{{ try_cast('x', 'timestamp') }}",
        TEXT,
        {
            "2024-02-29": instant("2024-02-29"),
            "2024-02-29T03:04": instant("2024-02-29 03:04"),
            "2024-02-29 03:04:05.5": instant("2024-02-29 03:04:05.5"),
            "2024-02-29 03:04:05.123456": instant("2024-02-29 03:04:05.123456"),
            "2023-02-29 03:04": None,
            "2024-04-31T03:04:05": None,
            None: None,
        },
    ),
}


NUMBER_CASES = {
    "try_cast bigint": Case(
        "{{ try_cast('x', 'bigint') }}",
        "decimal(38, 0)",
        {
            "5": 5,
            "-5": -5,
            "9223372036854775806": 9223372036854775806,
            "9223372036854775808": None,
            "-99999999999999999999": None,
            None: None,
        },
    ),
    "try_cast decimal": Case(
        "{{ try_cast('x', 'decimal(18, 2)') }}",
        "decimal(38, 2)",
        {
            "1.25": Decimal("1.25"),
            "9999999999999999.99": Decimal("9999999999999999.99"),
            "10000000000000000.00": None,
            "-10000000000000000.00": None,
            None: None,
        },
    ),
    "try_cast decimal of a double": Case(
        "{{ try_cast('x', 'decimal(30, 8)') }}",
        "{{ engine_type('double') }}",
        {
            "1.005": Decimal("1.00500000"),
            "-2.675": Decimal("-2.67500000"),
            "1e-7": Decimal("0.00000010"),
            "1e22": None,
            "NaN": None,
            "Infinity": None,
            "-Infinity": None,
            None: None,
        },
    ),
    "rounded": Case(
        "{{ rounded('x') }}",
        "{{ engine_type('double') }}",
        {
            "16.4830625": 16.483063,
            "-16.4830625": -16.483063,
            "0.0000005": 0.000001,
            "0.00000049": 0.0,
            "2.8": 2.8,
            "0": 0.0,
            "123456789.123456789": 123456789.123457,
            None: None,
        },
    ),
    "rounded to two": Case(
        "{{ rounded('x', 2) }}",
        "{{ engine_type('double') }}",
        {"1.005": 1.01, "2.675": 2.68, "-2.675": -2.68, "0.015": 0.02, "0.0149": 0.01},
    ),
    "ratio": Case(
        "{{ ratio('x', 'n') }}",
        "bigint",
        # n is the number of the row: the first has no base.
        {"10": None, "3": 3.0, "1": 0.5, "2": 2 / 3, None: None},
    ),
}

CASES = DATE_CASES | INSTANT_CASES | WALL_TIME_CASES | TEXT_CASES | NUMBER_CASES


def over(cells: list[str], type: str) -> str:
    """SQL behind "from": a relation of one column x."""
    rows = " union all ".join(f"select cast({cell} as {type}) as x" for cell in cells)
    return f"({rows}) as cells"


DOUBLE = "{{ engine_type('double') }}"
# Aggregates: query -> the one row it must give.
AGGREGATES = {
    "quantiles": (
        "select {{ quantile('x', 0.5) }} as a, {{ quantile('x', 0.33) }} as b, "
        "{{ quantile('x', 0) }} as c, {{ quantile('x', 1) }} as d from "
        + over(["1", "2", "4", "10", "null"], "decimal(18, 2)"),
        {"a": 3.0, "b": 1.99, "c": 1.0, "d": 10.0},
    ),
    "a quantile that rounds": (
        "select {{ quantile('x', 0.5) }} as a from " + over(["1", "1.000001"], DOUBLE),
        {"a": 1.000001},
    ),
    "quantiles of nothing": (
        "select {{ quantile('x', 0.5) }} as a from " + over(["null"], DOUBLE),
        {"a": None},
    ),
    "sum_of_doubles": (
        "select {{ sum_of_doubles('x') }} as a from "
        + over(["0.1"] * 10 + ["1000000000", "-1000000000", "null"], DOUBLE),
        {"a": 1.0},
    ),
    "sum of nothing": (
        "select {{ sum_of_doubles('x') }} as a from " + over(["null"], DOUBLE),
        {"a": None},
    ),
}

# Cells of a row that is written as JSON.
ROW = {
    "a": "plain",
    "b": "",
    "c": None,
    "d": "客户 😀 \u200f",
    "e": 'say "hi"',
    "f": "back\\slash, \\u001b",
    "g": "tab\tline\nreturn\r",
    "h": "</x> & 'y' 100%",
    "i": "escape \x1b\x0b\x01\x1f bell \x07\x08\x0c\x7f",
}
ROW_TEXT = (
    '{"a":"plain","b":"","c":null,"d":"客户 😀 \u200f","e":"say \\"hi\\"",'
    '"f":"back\\\\slash, \\\\u001b","g":"tab\\tline\\nreturn\\r",'
    '"h":"</x> & \'y\' 100%",'
    '"i":"escape \\u001B\\u000B\\u0001\\u001F bell \\u0007\\b\\f\x7f"}'
)

# Rows in pairs; only the last two are equal.
PAIRS = [
    ("'a'", "'b'"),
    ("'b'", "'a'"),
    ("'ab'", "''"),
    ("''", "'ab'"),
    ("null", "'a'"),
    ("'a'", "null"),
    ("'a,b'", "'c'"),
    ("'a'", "'b,c'"),
    ("'x'", "'y'"),
    ("'x'", "'y'"),
]
SEPARATOR = "\n-- the next query\n"


def templates() -> dict[str, str]:
    """Name -> template of every query."""
    cells = ", ".join(
        f"cast({literal(text)} as {TEXT}) as {name}" for name, text in ROW.items()
    )
    pairs = " union all ".join(
        f"select {number} as n, cast({a} as {TEXT}) as a, cast({b} as {TEXT}) as b"
        for number, (a, b) in enumerate(PAIRS)
    )
    return {
        **{name: case.template() for name, case in CASES.items()},
        **{name: template for name, (template, _) in AGGREGATES.items()},
        "row as text": "select {{ row_as_text('raw_row') }} as y, "
        "{{ column_of_row('raw_row', 'd') }} as d from (select "
        f"{{{{ whole_row('cells') }}}} as raw_row from (select {cells}) as cells"
        ") as typed",
        "row hash": "select n, {{ row_hash(['a', 'b']) }} as y "
        f"from ({pairs}) as pairs order by n",
    }


@pytest.fixture(scope="module", params=NAMES)
def answers(new_engine, request):
    """The rows of every query on an engine, by name."""
    engine, wanted = new_engine(request.param), templates()
    compiled = engine.compile(SEPARATOR.join(wanted.values()), VARS)
    texts = compiled.split(SEPARATOR)
    return engine.read(dict(zip(wanted, texts, strict=True)))


@pytest.mark.parametrize("name", CASES)
def test_a_macro_gives_the_value_of_the_case(answers, name):
    got = [row["y"] for row in answers[name]]
    wrong = [
        f"{cell!r}: expected {value!r}, got {found!r}"
        for (cell, value), found in zip(CASES[name].values.items(), got, strict=True)
        if not is_same(value, found)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", AGGREGATES)
def test_an_aggregate_gives_the_value_of_the_case(answers, name):
    assert answers[name] == [AGGREGATES[name][1]]


def test_a_row_as_text_is_the_same_json(answers):
    (row,) = answers["row as text"]
    assert row == {"y": ROW_TEXT, "d": ROW["d"]}
    assert json.loads(row["y"]) == ROW


def test_rows_have_equal_hashes_only_where_they_are_equal(answers):
    hashes = [row["y"] for row in answers["row hash"]]
    assert hashes[-1] == hashes[-2]
    assert len(set(hashes)) == len(PAIRS) - 1
