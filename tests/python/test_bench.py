"""Keeps the bench alive: a tiny shop goes all its way. No time is asserted."""

import json

import bench
import pytest

RIVALS = {"churn", "growth", "retention", "rfm", "stages", "value"}
MARTS_OF_THE_RIVAL = {
    "fct_churn_daily",
    "fct_cohort_retention",
    "fct_customer_lifetime_values",
    "fct_customer_rfm_scores",
    "rpt_active_users",
    "rpt_aipl_stage_counts",
    "rpt_aipl_stage_flows",
    "rpt_channel_acquisition",
    "rpt_cohort_ltv",
    "rpt_commerce_periods",
    "rpt_fast_index",
    "rpt_growth_accounting",
    "rpt_new_user_churn",
    "rpt_referral_generations",
    "rpt_referral_periods",
    "rpt_viral_growth",
}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """A folder in which the bench has measured a shop of 200 customers."""
    folder = tmp_path_factory.mktemp("bench")
    bench.main(["--sizes", "200", "--parts", "--work", str(folder)])
    return folder


@pytest.fixture(scope="module")
def found(work):
    """The JSON it wrote."""
    return json.loads((work / "results.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def run(found):
    """Its one run."""
    assert len(found["runs"]) == 1
    return found["runs"][0]


def test_a_build_is_measured_by_layer_and_model(run):
    full = run["full"]
    assert set(full["layers"]) == {"staging", "intermediate", "marts"}
    assert sum(full["layers"].values()) == pytest.approx(
        sum(full["model_seconds"].values())
    )
    assert "fct_customer_rfm_scores" in full["snapshot_models"]
    assert 0 < full["models"] < full["seconds"]
    assert min(full["cpu_seconds"], full["peak_memory_gib"], full["file_gib"]) > 0


def test_the_increment_brings_the_rows_of_the_last_day(run):
    before, after = run["rows_in"], run["rows_in_after_a_day"]
    assert before["logins"] < after["logins"]
    assert before["orders"] < after["orders"]
    assert run["increment"]["models"] > 0


def test_the_shop_is_left_without_its_last_day(work):
    assert list((work / "data").glob("*/last_day/*.parquet"))
    assert not list((work / "data").glob("*/*/last_day.parquet"))


def test_floor_and_rival_come_to_an_end(run):
    assert run["floor"]["rows"] > 0
    assert set(run["rival"]) == RIVALS
    assert all(query["rows"] > 0 for query in run["rival"].values())


def test_the_rival_says_the_same_as_the_marts(run):
    agreement = run["agreement"]
    assert set(agreement) == MARTS_OF_THE_RIVAL
    assert [name for name, mart in agreement.items() if mart["different"]] == []
    assert all(mart["rows"] and len(mart["columns"]) > 2 for mart in agreement.values())


def test_every_ratio_has_a_target(found, run):
    assert set(run["ratios"]) <= set(found["targets"])


def test_the_table_shows_the_ratios(run):
    text = "\n".join(bench.table(run))
    assert all(name in text for name in run["ratios"])
    assert "contradicts: none" in text


def test_zone_and_long_history_are_measured_at_m_and_identity_at_l():
    sizes = [bench.size(name) for name in ("S", "M", "L")]
    runs = bench.plan(sizes, bench.PARTS)
    measured = [(run.customers, run.months, run.zone, run.linked) for run in runs[3:]]
    assert measured == [
        (100_000, 18, "America/New_York", 0),
        (100_000, 36, "UTC", 0),
        (1_000_000, 18, "UTC", 0.05),
    ]
    assert [run.with_tests for run in runs] == [True] * 3 + [False] * 3


def test_sizes_and_lengths_are_compared():
    def result(name, months, seconds):
        full = {"models": sum(seconds.values()), "model_seconds": seconds}
        full["snapshot_models"] = ["scores"]
        return {"name": name, "months": months, "full": full}

    between = bench.ratios_between(
        [
            result("M", 18, {"days": 2, "scores": 1}),
            result("L", 18, {"days": 20, "scores": 13}),
            result("M 36 months", 36, {"days": 3, "scores": 4}),
        ]
    )
    assert between == {
        "models L / M": 11,
        "36 / 18 months": 1.5,
        "36 / 18 months, customer x snapshot": 4,
    }


def test_a_ratio_without_a_target_is_shown_without_a_verdict():
    assert "missed" in next(bench.ratio_lines({"models / floor": 99.0}))
    shown = next(bench.ratio_lines({"36 / 18 months, customer x snapshot": 2.5}))
    assert shown.split()[-1] == "2.50"
