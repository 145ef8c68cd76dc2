"""The pages that describe inputs and variables name all of them, and nothing else."""

import re

import pytest
import yaml
from oracle.judging import INPUTS, contract
from warehouse import PROJECT

INPUTS_PAGE = (PROJECT / "docs" / "inputs.md").read_text(encoding="utf-8")
VARIABLES_PAGE = (PROJECT / "docs" / "variables.md").read_text(encoding="utf-8")
READMES = ("README.md", "README.zh-CN.md")
PROJECT_FILE = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))


def documented_columns(input_name):
    """The rows of the table under an input's heading: column, type, is it bold."""
    section = INPUTS_PAGE.split(f"### {input_name} (")[1].split("\n#")[0]
    rows = re.findall(r"^\| (\**)(\w+)\** \| ([\w ]+) \|", section, re.MULTILINE)
    return [
        (name, type_.replace(" ", "_"), bool(bold))
        for bold, name, type_ in rows
        if name != "column"
    ]


@pytest.mark.parametrize("input_name", INPUTS)
def test_an_input_is_described_column_by_column(input_name):
    columns = contract()[input_name]["columns"]
    assert documented_columns(input_name) == [
        (name, column["type"], column.get("required", False))
        for name, column in columns.items()
    ]


@pytest.mark.parametrize("input_name", INPUTS)
def test_the_page_says_whether_an_input_is_required(input_name):
    required = "required" if contract()[input_name]["required"] else "optional"
    assert f"### {input_name} ({required})" in INPUTS_PAGE


@pytest.mark.parametrize("input_name", INPUTS)
def test_every_allowed_value_of_a_column_is_named(input_name):
    section = INPUTS_PAGE.split(f"### {input_name} (")[1].split("\n#")[0]
    for column in contract()[input_name]["columns"].values():
        for value in column.get("allowed", []) + column.get("known", []):
            assert f"`{value}`" in section


def test_the_page_names_the_inputs_that_are_built_and_no_others():
    headings = re.findall(r"^### (\w+) \(", INPUTS_PAGE, re.MULTILINE)
    assert headings == [
        name for name in contract() if f"input_{name}" in PROJECT_FILE["vars"]
    ]


def test_every_reason_code_the_models_can_give_is_explained():
    code = re.compile(r"then '([a-z]+(?:_[a-z]+)+)'|'(null_key|unknown_user)'")
    folders = (PROJECT / "macros" / "inputs", PROJECT / "models" / "staging")
    given = {
        first or second
        for folder in folders
        for path in folder.rglob("*.sql")
        for first, second in code.findall(path.read_text(encoding="utf-8"))
    }
    assert {"null_key", "unknown_user", "duplicate_key"} <= given
    assert {name for name in given if f"`{name}`" not in INPUTS_PAGE} == set()


def test_every_variable_is_described_once():
    described = re.findall(r"^\| `([a-z_]+)` \|", VARIABLES_PAGE, re.MULTILINE)
    assert described == list(PROJECT_FILE["vars"])


@pytest.mark.parametrize("readme", READMES)
def test_every_public_mart_is_in_the_readme(readme):
    text = (PROJECT / readme).read_text(encoding="utf-8")
    marts = [
        path.stem
        for path in (PROJECT / "models" / "marts").glob("*/*.sql")
        if path.parent.name != "audit"
    ]
    assert [name for name in sorted(marts) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md", "docs/*.md"])
def test_links_lead_somewhere(page):
    for path in PROJECT.glob(page):
        for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
            if not link.startswith("http"):
                assert (path.parent / link).exists(), f"{path.name}: {link}"
