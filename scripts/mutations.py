"""Small errors that a person could make in SQL: what scripts/mutants.py plants.

A comparison flipped, a number or a window off by one, another kind of join, min for
max, and for or, null for not null. Comments and texts are left alone, and so are
conditions of a join that would multiply two tables.
"""

import re
from dataclasses import dataclass

FOLDERS = ("models/intermediate/core/", "models/marts/core/", "macros/definitions/")

FLIPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "=": "<>", "<>": "="}
SWAPPED = {
    "and": "or",
    "or": "and",
    "min": "max",
    "max": "min",
    "inner": "left",
    "left": "inner",
    "is null": "is not null",
    "is not null": "is null",
}
COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
# Texts, types, and numbers that are positions of columns.
MASKED = re.compile(r"'[^']*'|decimal\(\d+, \d+\)|\b(group|order) by \d[\d, ]*")
JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
CLAUSE = re.compile(
    r"\b(select|from|on|where|having|group by|order by|partition by|when|then|else)\b"
)
OPEN_RANGE = re.compile(r"\bbetween\b(?:(?!\band\b).)*\Z", re.DOTALL)
SWAPPABLE = re.compile(
    r"\b(and|or)\b|\b(min|max)(?=\()|\b(inner|left)(?= join\b)|\bis (not )?null\b"
)
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
WINDOW = re.compile(r"\bvar\('(\w+_(?:days|months|orders))'\)")


@dataclass(frozen=True)
class Mutant:
    """A piece of code with one change: where it is, its line before and after."""

    unique_id: str
    path: str
    before: str
    after: str
    code: str


def changes(code, null_variables=()):
    """Every change of a piece of SQL with Jinja, as (start, end, replacement).

    null_variables: variables that are null by default, to which nothing can be added.
    """
    uncommented = blank(COMMENT, code)
    masked = blank(MASKED, uncommented)
    sql = blank(JINJA, masked)
    return sorted(
        [
            *flipped_comparisons(sql),
            *swapped_words(sql),
            *shifted_numbers(masked),
            *shifted_windows(uncommented, null_variables),
        ]
    )


def blank(pattern, code):
    """The code with every match replaced by blanks of the same length."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), code)


def flipped_comparisons(sql):
    """< for <=, > for >=, = for <>, and back."""
    for match in re.finditer(r"[<>=!]+", sql):
        flipped = FLIPPED.get(match.group())
        is_equality = match.group() in ("=", "<>")
        if flipped and not (is_equality and joins(sql, match.start())):
            yield *match.span(), flipped


def swapped_words(sql):
    """Another conjunction, aggregate, kind of join or test of null."""
    for match in SWAPPABLE.finditer(sql):
        word = match.group()
        if word in ("and", "or") and (
            joins(sql, match.start()) or OPEN_RANGE.search(sql, 0, match.start())
        ):
            continue
        yield *match.span(), SWAPPED[word]


def shifted_numbers(masked):
    """A number one lower and one higher; 0 becomes 1 and 1 becomes 0."""
    for match in NUMBER.finditer(masked):
        number = int(match.group())
        for other in {0: [1], 1: [0]}.get(number, [number - 1, number + 1]):
            yield *match.span(), str(other)


def shifted_windows(uncommented, null_variables):
    """A window or count that is a variable, one longer."""
    for match in WINDOW.finditer(uncommented):
        if match.group(1) not in null_variables:
            yield *match.span(), f"({match.group()} + 1)"


def joins(sql, position):
    """Whether a position lies in the condition of a join."""
    clauses = CLAUSE.findall(sql, 0, position)
    return bool(clauses) and clauses[-1] == "on"


def make_mutants(pieces, null_variables=()):
    """Every mutant of some pieces of code (unique id, path, code), in a fixed order."""
    return [
        make_mutant(unique_id, path, code, change)
        for unique_id, path, code in sorted(pieces)
        if path.startswith(FOLDERS)
        for change in changes(code, null_variables)
    ]


def make_mutant(unique_id, path, code, change):
    """The mutant that one change of a piece of code makes."""
    start, end, replacement = change
    line_start = code.rfind("\n", 0, start) + 1
    line_end = code.find("\n", end)
    line_end = len(code) if line_end < 0 else line_end
    return Mutant(
        unique_id=unique_id,
        path=path,
        before=code[line_start:line_end].strip(),
        after=(code[line_start:start] + replacement + code[end:line_end]).strip(),
        code=code[:start] + replacement + code[end:],
    )
