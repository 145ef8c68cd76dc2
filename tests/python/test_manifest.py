"""The house rules that can be read off the project's files and its manifest."""

import re
from collections import defaultdict
from pathlib import PurePosixPath
from statistics import median

import pytest
import yaml
from warehouse import PROJECT

MARTS = sorted(path.stem for path in (PROJECT / "models" / "marts").glob("*/*.sql"))
MODELS = sorted(path.stem for path in (PROJECT / "models").rglob("*.sql"))
DOMAINS = {"value", "journey", "retention", "growth"}

# What an affix of a column name promises about its type; the first that fits counts.
TYPES = {
    r"(is|has)_.*": {"boolean"},
    r".*_id": {"varchar"},
    r".*_at": {"timestamp"},
    r".*_(date|month)|valid_from|valid_to": {"date"},
    r"(expected|projected|fitted|required)_.*_count": {"double"},
    r".*_count": {"bigint"},
    r".*_(rate|share|index)": {"double"},
    r".*_amount": {"decimal(18, 2)", "double"},
    r".*_score": {"integer", "double"},
}

# Models past 100 lines of SQL: each says why splitting it would hide what it does.
LONG_MODELS = {
    "base_shop__referrals": "one walk decides duplicates and cycles together",
    "int_customer_behaviour_days": "a count column for every behaviour",
    "int_customer_label_spans": "stored spans, new labels and the default in one flow",
    "int_customer_operating_costs": "two ways to share a cost, side by side",
    "int_customer_rfm_values": "one pass over all orders for every snapshot label",
    "int_customer_snapshot_activity": "three counts over windows of the same dates",
    "int_customer_snapshot_labels": "one join per source of a label",
    "int_customer_stage_points": "conditions to bits, one sum, bits to stages",
    "int_customer_stage_spans": "stored spans, the first date and points in one flow",
    "int_gamma_gamma_statistics": "bins of the same rows at several widths",
    "int_rule_borders_by_days": "one window per behaviour, then the borders",
    "int_rule_borders_by_sums": "three kinds of steps of one running sum",
    "fct_customer_lifetime_values": "one join per source of a column",
    "fct_model_parameters": "one table of rows per model",
    "rpt_channel_acquisition": "spend, customers and payback of a row are one report",
    "rpt_segment_flow_summary": "one sum of cells per published column",
    "rpt_segment_flows": "one sweep, from points of change to cells",
}

# Staging that everybody may read: the clock, and refunds by their own date.
SHARED_STAGING = {"stg_shop__clock", "stg_shop__refunds"}

CLOCKS = re.compile(
    r"\b(current_date|current_time|current_timestamp|localtimestamp|getdate|sysdate)\b"
    r"|\b(now|random|rand|uuid|today|clock_timestamp|transaction_timestamp)\s*\(",
    re.IGNORECASE,
)
COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)


@pytest.fixture(scope="module")
def nodes(warehouse):
    """Unique id -> node, of this project."""
    return {
        unique_id: node
        for kind in ("nodes", "unit_tests", "macros")
        for unique_id, node in warehouse.manifest[kind].items()
        if node["package_name"] == "customer_ops"
    }


@pytest.fixture(scope="module")
def models(nodes):
    """Model name -> node."""
    return {
        node["name"]: node
        for node in nodes.values()
        if node["resource_type"] == "model"
    }


@pytest.fixture(scope="module")
def tests_of(nodes):
    """Model name -> its data tests, generic and singular, and its unit tests."""
    found = defaultdict(list)
    for node in nodes.values():
        if node["resource_type"] in ("test", "unit_test"):
            for parent in node["depends_on"]["nodes"]:
                found[parent.split(".")[-1]].append(node)
    return found


def lines_of_sql(model):
    """Lines that are neither blank nor a comment."""
    lines = (line.strip() for line in model["raw_code"].splitlines())
    return [line for line in lines if line and not line.startswith("--")]


def test_the_project_is_read_without_a_warning(warehouse):
    assert warehouse.parse_warnings == []


@pytest.mark.parametrize("name", MODELS)
def test_a_model_begins_with_its_grain_and_ends_in_final(models, name):
    lines = models[name]["raw_code"].strip().splitlines()
    assert re.match(r"-- Grain: one row( per |, always)", lines[0])
    assert lines[-1] == "select * from final"


def test_models_are_short(models):
    lengths = {name: len(lines_of_sql(model)) for name, model in models.items()}
    assert median(lengths.values()) <= 50
    assert {name for name, length in lengths.items() if length > 100} == set(
        LONG_MODELS
    )


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_is_a_public_contract(models, name):
    config = models[name]["config"]
    assert config["access"] == "public"
    assert config["contract"]["enforced"]


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_and_its_columns_are_described(models, name):
    columns = models[name]["columns"]
    assert models[name]["description"].strip()
    assert columns
    assert [
        c for c, column in columns.items() if not column["description"].strip()
    ] == []


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_a_key_test_and_a_test_of_what_it_says(tests_of, name):
    generic = [
        test["test_metadata"]["name"]
        for test in tests_of[name]
        if test.get("test_metadata")
    ]
    others = [test for test in tests_of[name] if not test.get("test_metadata")]
    assert {"unique", "unique_combination"} & set(generic)
    assert others or {"holds", "relationships", "accepted_values"} & set(generic)


@pytest.mark.parametrize("name", MARTS)
def test_a_column_is_of_the_type_its_name_promises(models, name):
    wrong = {
        column: spec["data_type"]
        for column, spec in models[name]["columns"].items()
        if spec["data_type"] not in promised_types(column, spec["data_type"])
    }
    assert wrong == {}


def promised_types(column, otherwise):
    """Types the name of a column allows; any if it has no affix."""
    found = (types for affix, types in TYPES.items() if re.fullmatch(affix, column))
    return next(found, {otherwise})


def room(node):
    """Where a node lives: raw, reference, staging, core, audit or a domain."""
    parts = PurePosixPath(node["original_file_path"]).parts
    if node["name"] == "erased_people":
        # Of raw rows it says which are left out, and nothing above staging knows it.
        return "raw"
    if parts[0] == "seeds":
        return {"shop": "raw", "reference": "reference"}[parts[1]]
    return "staging" if parts[1] == "staging" else parts[2]


MAY_READ = {
    # A seed can say which values a row may have.
    "staging": {"raw", "staging", "reference"},
    "core": {"staging", "core", "reference"},
    "audit": {"staging", "core"},
} | {domain: {domain, "core", "reference"} for domain in DOMAINS}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_reads_only_what_lies_below_it(nodes, models, name):
    reader = room(models[name])
    parents = [nodes[parent] for parent in models[name]["depends_on"]["nodes"]]
    too_high = {
        parent["name"]
        for parent in parents
        if room(parent) not in MAY_READ[reader] and parent["name"] not in SHARED_STAGING
    }
    assert too_high == set()


def test_intermediate_models_of_a_domain_read_no_mart_of_it(nodes, models):
    found = {
        name: parent["name"]
        for name, model in models.items()
        for parent in map(nodes.get, model["depends_on"]["nodes"])
        if "/intermediate/" in model["original_file_path"]
        and "/marts/" in parent["original_file_path"]
        and room(parent) != "core"
    }
    assert found == {}


def test_nothing_reads_the_clock_or_rolls_dice(nodes):
    code = {
        node["original_file_path"]: node.get("raw_code") or node.get("macro_sql") or ""
        for node in nodes.values()
    }
    found = {
        path: match.group()
        for path, sql in code.items()
        if (match := CLOCKS.search(COMMENTS.sub("", sql)))
    }
    assert found == {}


def test_every_variable_is_documented():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    page = (PROJECT / "docs" / "variables.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", page, re.MULTILINE))
    assert documented == set(project["vars"])
