"""The growth curve's fit, on numbers of customers that lie on a known curve."""

from math import exp, log

import duckdb
import pytest
from oracle.fitting import CURVES, PARAMETERS, curve
from warehouse import PROJECT

MODEL = PROJECT / "models" / "intermediate" / "core" / "int_growth_curve_fits.sql"
# Whole customers, and sixteen digits of the curve.
LARGE = 1e12


@pytest.fixture(scope="module")
def fit(warehouse):
    """fit("bass", [1, 5, 9, …]): the row of the fit, with the published parameters."""
    template = (
        MODEL.read_text(encoding="utf-8")
        .replace("{{ ref('int_registered_sizes') }}", "sizes_of_test")
        .replace("{{ ref('int_customers') }}", "sizes_of_test")
    )
    published = (
        "select fits.*{% for name, value in growth_curve_published().items() %},"
        " {{ value }} as published_{{ name }}{% endfor %}"
    )
    sql = {
        name: warehouse.compile(
            f"{published} from ({template}) as fits", {"growth_curve_model": name}
        )
        for name in CURVES
    }

    def row(model, sizes):
        with duckdb.connect() as connection:
            connection.execute(
                "create table sizes_of_test as select "
                "unnest(range(len($sizes))) as period_number, "
                "unnest($sizes::bigint[]) as cumulative_customer_count",
                {"sizes": [round(size) for size in sizes]},
            )
            result = connection.execute(sql[model])
            columns = [column[0] for column in result.description]
            return dict(zip(columns, result.fetchone(), strict=True))

    return row


def parameters(model, row):
    return {name: row[f"published_{name}"] for name in PARAMETERS[model]}


@pytest.mark.parametrize(
    ("model", "values", "periods"),
    [
        ("logistic", {"L": 1.0, "k": 0.35, "t0": 9.3}, 18),
        ("logistic", {"L": 3.0, "k": 1.2, "t0": 3.0}, 18),
        # Just turned.
        ("logistic", {"L": 1.0, "k": 6 / 11, "t0": 11.0}, 12),
        # Late and steep: 1 of 40,000 in the first period, half of them in the 22nd.
        ("logistic", {"L": 1.0, "k": 12 / 23, "t0": 0.9 * 23}, 24),
        # Early and steep: nothing new for years.
        ("logistic", {"L": 1.0, "k": 0.5, "t0": 3.0}, 60),
        ("logistic", {"L": 1.0, "k": 0.75, "t0": 2.0}, 5),
        ("gompertz", {"L": 1.0, "b": 6.0, "k": 0.3}, 18),
        ("gompertz", {"L": 1.0, "b": 50.0, "k": 0.35}, 24),
        ("gompertz", {"L": 1.0, "b": exp(9.6), "k": 12 / 23}, 24),
        ("bass", {"L": 1.0, "p": 0.02, "q": 0.4}, 18),
        ("bass", {"L": 1.0, "p": 0.001, "q": 0.5}, 24),
    ],
)
def test_a_curve_without_noise_is_recovered(fit, model, values, periods):
    expected = values | {"L": values["L"] * LARGE}
    row = fit(model, curve(model, list(expected.values()), range(periods)))
    assert parameters(model, row) == pytest.approx(expected, rel=1e-6)
    assert (row["fit_status"], row["is_identified"]) == ("fitted", True)
    assert row["residual_sum_of_squares"] == pytest.approx(0, abs=(1e-6 * LARGE) ** 2)


def test_a_late_and_steep_curve_of_whole_customers_is_identified(fit):
    sizes = [1e6 / (1 + exp(-0.55 * (t - 20))) for t in range(24)]
    assert [round(size) for size in (sizes[0], sizes[-1])] == [17, 838891]
    row = fit("logistic", sizes)
    assert row["is_identified"]
    assert parameters("logistic", row) == pytest.approx(
        {"L": 1e6, "k": 0.55, "t0": 20}, rel=1e-5
    )


@pytest.mark.parametrize(
    ("model", "values", "inflection"),
    [
        ("logistic", {"L": LARGE, "k": 0.5, "t0": 12.0}, 12.0),
        ("gompertz", {"L": LARGE, "b": 36.0, "k": 0.3}, log(36) / 0.3),
        ("bass", {"L": LARGE, "p": 0.001, "q": 0.5}, log(500) / 0.501),
    ],
)
def test_the_turn_of_a_curve_identifies_it(fit, model, values, inflection):
    values = list(values.values())
    row = fit(model, curve(model, values, range(int(inflection) + 3)))
    assert row["inflection"] == pytest.approx(inflection, rel=1e-6)
    assert row["is_identified"]
    row = fit(model, curve(model, values, range(int(inflection))))
    assert row["inflection"] == pytest.approx(inflection, rel=1e-4)
    assert not row["is_identified"]


@pytest.mark.parametrize("model", CURVES)
@pytest.mark.parametrize(
    "sizes",
    [
        [0] * 6,
        [7] * 24,
        [0, 0, 0, 0, 0, 7],
        [0, 0, 0, 7, 7, 7],
        [6, 7, 7, 7, 7, 7],
    ],
    ids=str,
)
def test_a_step_is_no_curve(fit, model, sizes):
    row = fit(model, sizes)
    assert (row["fit_status"], row["is_identified"]) == ("not_converged", False)
