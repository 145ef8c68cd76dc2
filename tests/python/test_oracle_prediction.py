"""Prediction by the oracle: published fits, formulas, worked examples, boundaries."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.util import find_spec
from math import e, log, sqrt
from pathlib import Path

import numpy as np
import pytest
from oracle import audit, fitting, growth, prediction, value
from oracle.shop import Settings, load_shop
from scipy.optimize import minimize
from scipy.special import beta as beta_function
from scipy.special import hyp2f1

CUTOFF = "2030-01-01T00:00:00Z"
# The parameters the authors of the models found in CDNOW's sample.
BG_NBD = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
GAMMA_GAMMA = {"p": 6.25, "q": 3.74, "v": 15.44}


def make_shop(orders=(), users=None, as_of="2024-06-30", variables=None, **inputs):
    """A shop of texts: orders are (customer, date, gross) or with refunds behind.

    users: customer -> registration date; buyers not listed register on their first
    order date. What follows an @ in an id is the channel.
    """
    registered = dict(users or {})
    for customer, day, *_ in orders:
        registered[customer] = min(str(day), registered.get(customer, str(day)))
    tables = {
        "users": [
            {"user_id": name, "registered_at": day, "channel": name.partition("@")[2]}
            for name, day in registered.items()
        ],
        "orders": [
            {"order_id": f"o{n}", "user_id": customer, "ordered_at": str(day)}
            | {"status": "paid", "gross_amount": str(gross)}
            for n, (customer, day, gross, *_) in enumerate(orders)
        ],
        "refunds": [
            {"refund_id": f"r{n}-{i}", "order_id": f"o{n}"}
            | {"refunded_at": f"{day} 23:00", "amount": str(amount)}
            for n, (_, _, _, *refunds) in enumerate(orders)
            for i, (day, amount) in enumerate(refunds)
        ],
        "logins": [],
    }
    given = {"as_of_date": as_of, "future_cutoff_at": CUTOFF} | (variables or {})
    return load_shop(tables | inputs, Settings.from_vars(given))


def find(rows, **wanted):
    """The one row with these values."""
    matches = [r for r in rows if all(r[key] == v for key, v in wanted.items())]
    assert len(matches) == 1, (wanted, len(matches))
    return matches[0]


def spend(day, channel, amount):
    return {"spend_date": day, "channel": channel, "spend": str(amount)}


def cost(cost_id, day, amount, user_id=None, cost_type="service"):
    row = {"cost_id": cost_id, "cost_date": day, "cost_type": cost_type}
    return row | {"amount": str(amount), "user_id": user_id}


def contact(contact_id, user_id="u", sent_at="2024-03-01", **cells):
    row = {"contact_id": contact_id, "user_id": user_id, "channel": "sms"}
    return row | {"sent_at": sent_at} | cells


def answer(response_id, survey_type="share_of_wallet", score="0.5", **cells):
    row = {"response_id": response_id, "survey_type": survey_type, "user_id": "u"}
    return row | {"responded_at": "2024-03-01", "score": score} | cells


def promotion(promotion_id, promotion_type="trial", **cells):
    row = {"promotion_id": promotion_id, "promotion_type": promotion_type}
    return row | {"starts_at": "2024-03-01", "trial_days": "7"} | cells


# Judging the four inputs


def codes(name, *rows, **variables):
    """All reason codes of each row; the shop has an accepted u and an excluded x."""
    users = [
        {"user_id": "u", "registered_at": "2024-01-01"},
        {"user_id": "x", "registered_at": "2024-01-01", "is_excluded": "true"},
    ]
    given = {"future_cutoff_at": "2024-12-31T00:00:00Z"} | variables
    shop = load_shop(
        {"users": users, "orders": [], "logins": [], name: list(rows)},
        Settings.from_vars(given),
    )
    return [",".join(row.codes) for row in shop.raw[name]]


def test_judging_of_operating_costs():
    rows = {
        "": cost("1", "2024-03-01", "0"),
        "unknown_cost_type": cost("2", "2024-03-01", "1", cost_type="rent"),
        "negative_amount": cost("3", "2024-03-01", "-0.01"),
        "unknown_user": cost("4", "2024-03-01", "1", "nobody"),
        "excluded": cost("5", "2024-03-01", "1", "x"),
        "unparsable_date": cost("6", "2024-03-01 10:00", "1"),
        "future_timestamp": cost("7", "2025-01-01", "1"),
        "implausible_timestamp": cost("8", "1999-12-31", "1"),
        "unparsable_number": cost("9", "2024-03-01", "free"),
        "missing_value": cost("10", "2024-03-01", ""),
        "null_key": cost("", "2024-03-01", "1"),
        "unknown_cost_type,negative_amount,unknown_user": cost(
            "11", "2024-03-01", "-1", "nobody", "rent"
        ),
    }
    assert codes("operating_costs", *rows.values()) == list(rows)
    assert codes("operating_costs", *[cost("1", "2024-03-01", "1")] * 2) == [
        "",
        "duplicate_key",
    ]


def test_judging_of_contacts():
    rows = {
        "": contact("1", cost="0"),
        "unknown_user": contact("2", "nobody"),
        "excluded": contact("3", "x"),
        "unknown_channel": contact("4", channel="fax"),
        "negative_amount": contact("5", cost="-0.01"),
        "missing_value": contact("6", ""),
        "unparsable_timestamp": contact("7", sent_at="today"),
        "unparsable_number": contact("8", cost="1e3"),
        "unknown_user,unknown_channel,negative_amount": contact(
            "9", "nobody", channel="fax", cost="-1"
        ),
    }
    assert codes("contacts", *rows.values()) == list(rows)


@pytest.mark.parametrize(
    ("survey_type", "lowest", "highest", "below", "above"),
    [
        ("rating", "1", "5", "0.99", "5.01"),
        ("nps", "0", "10", "-0.01", "11"),
        ("share_of_wallet", "0", "1", "-0.01", "1.01"),
    ],
)
def test_an_answer_lies_on_the_scale_of_its_survey(
    survey_type, lowest, highest, below, above
):
    scores = [lowest, highest, below, above, "", "many"]
    rows = [answer(str(n), survey_type, score) for n, score in enumerate(scores)]
    assert codes("survey_responses", *rows) == ["", ""] + ["answer_out_of_range"] * 4


def test_judging_of_kano_answers_and_of_who_answered():
    kano = {"survey_type": "kano", "score": "", "feature_code": "f"}
    kano |= {"functional_answer": "5", "dysfunctional_answer": "1"}
    rows = {
        "": answer("1", **kano),
        "answer_out_of_range": answer("2", **kano | {"functional_answer": "6"}),
        "unknown_survey_type": answer("3", "mood"),
        "missing_customer": answer("4", user_id=""),
        "unknown_user": answer("5", user_id="nobody", respondent_id="r"),
        "excluded": answer("6", user_id="x"),
        "missing_customer,answer_out_of_range": answer("7", user_id="", score="2"),
    }
    assert codes("survey_responses", *rows.values()) == list(rows)
    others = [
        answer("1", **kano | {"dysfunctional_answer": ""}),
        answer("2", **kano | {"dysfunctional_answer": "0"}),
        answer("3", **kano | {"feature_code": ""}),
        answer("4", user_id="", respondent_id="r"),
    ]
    assert codes("survey_responses", *others) == ["answer_out_of_range"] * 3 + [""]


def test_judging_of_promotions():
    given = {
        "threshold": {"threshold_amount": "50", "value_amount": "20"},
        "referral_coupon": {"value_amount": "20"},
        "group_buy": {"discount_rate": "0.8", "min_group_size": "3"},
        "trial": {"trial_days": "7"},
    }
    for kind, parameters in given.items():
        for missing in parameters:
            cells = {"trial_days": ""} | parameters | {missing: ""}
            row = promotion("1", kind, **cells)
            assert codes("promotions", row) == ["missing_parameter"], (kind, missing)
        assert codes("promotions", promotion("1", kind, **parameters)) == [""]
    rows = {
        "": promotion("1", "ugc_points", trial_days=""),
        "unknown_promotion_type": promotion("2", "raffle"),
        "ends_before_start": promotion("3", ends_at="2024-02-29 23:59:59"),
        "missing_parameter": promotion("4", trial_days="0"),
        "unknown_promotion_type,ends_before_start": promotion(
            "5", "raffle", ends_at="2024-02-29"
        ),
        "implausible_timestamp": promotion("6", starts_at="1999-12-31"),
    }
    assert codes("promotions", *rows.values()) == list(rows)


def test_a_negative_amount_of_a_promotion_is_no_amount():
    terms = {"threshold_amount": "-1", "value_amount": "5"}
    assert codes("promotions", promotion("1", "threshold", **terms)) == [
        "missing_parameter"
    ]
    assert codes("promotions", promotion("1", value_amount="-1")) == [""]


def test_promotions_may_lie_in_the_future_and_are_kept():
    rows = [promotion("b", starts_at="2029-12-30", ends_at="2035-01-01")]
    rows += [promotion("a", starts_at="2024-03-01", ends_at="2024-03-01")]
    shop = make_shop([("u", "2024-02-01", 1)], promotions=rows)
    dates = [(p["starts_date"], p["ends_date"]) for p in shop.promotions]
    assert dates == [
        (date(2024, 3, 1), date(2024, 3, 1)),
        (date(2029, 12, 30), date(2035, 1, 1)),
    ]
    rows = audit.tables(shop)["audit_input_reconciliation"]
    row = find(rows, input_name="promotions")
    assert (row["accepted_count"], row["ignored_after_as_of_count"]) == (2, 0)


def test_the_new_inputs_are_read_up_to_the_as_of_date_in_local_time():
    shop = make_shop(
        [("u", "2024-02-01", 1)],
        users={"later": "2024-07-02"},
        as_of="2024-06-30",
        variables={"business_timezone": "America/New_York"},
        contacts=[
            contact("1", sent_at="2024-07-01 02:00", opened_at="2024-07-01 09:00"),
            contact("2", sent_at="2024-07-01 05:00"),
            contact("3", "later", sent_at="2024-06-01"),
        ],
        survey_responses=[
            answer("1", responded_at="2024-03-01 02:00"),
            answer("2", user_id="", respondent_id="r"),
            answer("3", responded_at="2024-07-02"),
        ],
        operating_costs=[
            cost("1", "2024-06-30", 5),
            cost("2", "2024-07-01", 5),
            cost("3", "2024-06-01", 5, "later"),
        ],
    )
    early, sent = shop.contacts
    assert (early["customer_id"], early["sent_date"]) == ("later", date(2024, 5, 31))
    assert (sent["customer_id"], sent["sent_date"]) == ("u", date(2024, 6, 30))
    assert (sent["cost"], sent["opened_at"]) == (Decimal("0.00"), None)
    assert [(a["customer_id"], a["responded_date"]) for a in shop.surveys] == [
        (None, date(2024, 2, 29)),
        ("u", date(2024, 2, 29)),
    ]
    assert [(c["cost_id"], c["customer_id"]) for c in shop.operating_costs] == [
        ("3", "later"),
        ("1", None),
    ]
    assert shop.operating_costs[1]["cost_date"] == date(2024, 6, 30)


def test_settings_of_prediction_are_read():
    settings = Settings.from_vars(
        {
            "bgnbd_parameters": {"r": 1, "alpha": "2", "a": 0.5, "b": 3},
            "pyramid_cuts": [["top", 0.1], ["rest", 1]],
            "risk_rules": [["old", "idle_days", ">", 9]],
            "decline_max_ratio": 0.25,
            "backtest_months": 3,
        }
    )
    assert settings.bgnbd_parameters == {"r": 1.0, "alpha": 2.0, "a": 0.5, "b": 3.0}
    assert settings.pyramid_cuts == (("top", Decimal("0.1")), ("rest", Decimal(1)))
    assert settings.risk_rules == (("old", "idle_days", ">", "9"),)
    assert (settings.decline_max_ratio, settings.backtest_months) == (Decimal(".25"), 3)
    assert Settings().bgnbd_parameters is None


# V-21, V-22: CDNOW


@pytest.fixture(scope="module")
def cdnow():
    """Repeats, recency, age and mean repeat amount of the sample's customers."""
    package = Path(find_spec("lifetimes").submodule_search_locations[0])
    last = date(1997, 9, 30)
    days = defaultdict(lambda: defaultdict(Decimal))
    lines = (package / "datasets" / "CDNOW_sample.txt").read_text().splitlines()
    for line in lines:
        _, customer, day, _, amount = line.split()
        if date.fromisoformat(day) <= last:
            days[customer][date.fromisoformat(day)] += Decimal(amount)
    rows = []
    for by_day in days.values():
        first, *later = sorted(by_day)
        mean = float(sum(by_day[d] for d in later) / len(later)) if later else 0.0
        weeks = (max(by_day) - first).days / 7, (last - first).days / 7
        rows.append((len(later), *weeks, mean))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def test_bg_nbd_finds_the_published_parameters(cdnow):
    fit = fitting.fit_bg_nbd(*cdnow[:3])
    assert (fit.observation_count, fit.fit_status) == (2357, "fitted")
    assert fit.values == pytest.approx(BG_NBD, abs=0.005)
    assert fit.log_likelihood == pytest.approx(-9582.4, abs=0.05)


def test_gamma_gamma_finds_the_published_parameters(cdnow):
    x, _, _, amount = cdnow
    fit = fitting.fit_gamma_gamma(x, amount)
    assert (fit.observation_count, fit.fit_status) == (946, "fitted")
    assert fit.values == pytest.approx(GAMMA_GAMMA, abs=0.03)
    somebody_new = fitting.expected_amount(fit.values, 0, 0)
    assert somebody_new == pytest.approx(35.2, abs=0.05)
    assert abs(fitting.correlation(x, amount)) < 0.15


def test_another_optimiser_finds_nothing_better(cdnow):
    x, t_x, age, amount = cdnow
    repeats = x > 0

    def best(likelihood, names, *columns):
        result = minimize(
            lambda logs: (
                -likelihood(dict(zip(names, np.exp(logs), strict=True)), *columns)
            ),
            np.zeros(len(names)),
            method="Nelder-Mead",
            options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000},
        )
        return dict(zip(names, np.exp(result.x), strict=True)), -result.fun

    for fit, likelihood, columns in (
        (
            fitting.fit_bg_nbd(x, t_x, age),
            fitting.bg_nbd_log_likelihood,
            (x, t_x, age),
        ),
        (
            fitting.fit_gamma_gamma(x, amount),
            fitting.gamma_gamma_log_likelihood,
            (x[repeats], amount[repeats]),
        ),
    ):
        values, height = best(likelihood, list(fit.values), *columns)
        assert fit.values == pytest.approx(values, rel=1e-4)
        assert fit.log_likelihood == pytest.approx(height, rel=1e-10)
        assert fit.log_likelihood == likelihood(fit.values, *columns)


def test_predictions_equal_those_of_lifetimes(cdnow):
    pandas = pytest.importorskip("pandas")
    lifetimes = pytest.importorskip("lifetimes")
    x, t_x, age, amount = cdnow
    model = lifetimes.BetaGeoFitter()
    model.params_ = pandas.Series(BG_NBD)
    alive = model.conditional_probability_alive(x, t_x, age)
    assert fitting.alive_probability(BG_NBD, x, t_x, age) == pytest.approx(alive)
    for weeks in (0.5, 4.345, 52.14, 500):
        expected = np.asarray(
            model.conditional_expected_number_of_purchases_up_to_time(
                weeks, x, t_x, age
            )
        )
        got = fitting.expected_orders(BG_NBD, x, t_x, age, weeks)
        assert got == pytest.approx(expected, rel=1e-9)
        of_new = fitting.expected_orders_of_a_new_customer(BG_NBD, weeks)
        assert of_new == pytest.approx(
            float(model.expected_number_of_purchases_up_to_time(weeks)), rel=1e-9
        )
    money = lifetimes.GammaGammaFitter()
    money.params_ = pandas.Series(GAMMA_GAMMA)
    expected = np.asarray(money.conditional_expected_average_profit(x, amount))
    got = [
        fitting.expected_amount(GAMMA_GAMMA, *pair)
        for pair in zip(x, amount, strict=True)
    ]
    assert got == pytest.approx(expected, rel=1e-9)


# V-21, V-22: properties


def test_nobody_without_a_repeat_order_is_known_to_be_gone():
    assert fitting.alive_probability(BG_NBD, [0, 0], [0, 0], [0, 80]).tolist() == [1, 1]


def test_p_alive_by_hand():
    # a/(b+x-1) = 1/4 and ((alpha+T)/(alpha+t_x))^(r+x) = (10/5)^3
    parameters = {"r": 1.0, "alpha": 4.0, "a": 1.0, "b": 3.0}
    (alive,) = fitting.alive_probability(parameters, [2], [1], [6])
    assert alive == pytest.approx(1 / (1 + 8 / 4))


def test_a_below_1_and_next_to_1_is_no_hole():
    def orders(a):
        parameters = BG_NBD | {"a": a}
        return fitting.expected_orders(parameters, [0, 3], [0, 20], [30, 30], 52.0)

    assert (orders(0.2) > 0).all()
    assert orders(1.0) == pytest.approx((orders(0.999) + orders(1.001)) / 2, rel=1e-5)


def test_many_orders_then_silence_may_be_worse_than_few():
    few, many = fitting.expected_orders(BG_NBD, [2, 20], [20, 20], [60, 60], 52)
    assert few > many


@pytest.mark.parametrize("z", [0, 0.3, 0.9, 0.99, 0.995])
def test_the_series_is_the_hypergeometric_function(z):
    for a, b, c in ((0.243, 2.426, 2.219), (7.243, 9.426, 9.219), (1.0, 5.8, 6.5)):
        assert fitting.gauss(a, b, c, z) == pytest.approx(hyp2f1(a, b, c, z), rel=1e-10)


@pytest.mark.parametrize(("a", "b"), [(0.793, 2.426), (0.2, 0.3), (3.0, 0.5), (7.5, 9)])
def test_orders_counted_one_by_one_are_the_formula(a, b):
    parameters = BG_NBD | {"a": a, "b": b}
    x, age = [0, 1, 5, 30], [10, 20, 40, 80]
    for weeks in (0.5, 4.345, 52.14, 200):
        got = fitting.expected_orders(parameters, x, age, age, weeks)
        alive = fitting.alive_probability(parameters, x, age, age)
        expected = alive * fitting.orders_by_gauss(parameters, x, age, weeks)
        assert got == pytest.approx(expected, rel=1e-9)


def test_orders_where_the_formula_is_0_by_0():
    one = {"r": 1.0, "alpha": 2.0, "a": 1.0, "b": 1.0}
    assert fitting.expected_orders(one, 0, 0, 0, 6) == pytest.approx(log(4))
    half = one | {"a": 0.5, "b": 0.5}
    assert fitting.expected_orders(half, 0, 0, 0, 6) == pytest.approx(1.5)


def test_orders_where_the_series_cancels():
    parameters = {"r": 1.0, "alpha": 1.5, "a": 2.0, "b": 300.0}
    weeks = 12 * 4.345
    assert fitting.expected_orders(parameters, 0, 0, 1, weeks) == pytest.approx(
        18.447, abs=1e-3
    )


def test_money_is_shrunk_towards_the_population():
    parameters = {"p": 2.0, "q": 3.0, "v": 10.0}
    assert fitting.expected_amount(parameters, 0, 0) == 10
    assert fitting.expected_amount(parameters, 3, 0) == 10
    assert fitting.expected_amount(parameters, 1, 30) == pytest.approx(20)
    assert fitting.expected_amount(parameters | {"q": 1.0}, 1, 30) is None


def test_too_few_repeaters_are_no_fit(cdnow):
    x, t_x, age, amount = cdnow
    repeaters = np.flatnonzero(x > 0)
    for count, status in ((29, "insufficient_data"), (30, "fitted")):
        some = np.concatenate([repeaters[:count], np.flatnonzero(x == 0)[:60]])
        fit = fitting.fit_bg_nbd(x[some], t_x[some], age[some], min_repeaters=30)
        assert (fit.fit_status, fit.is_usable) == (status, status == "fitted")
        fit = fitting.fit_gamma_gamma(x[some], amount[some], min_repeaters=30)
        assert fit.fit_status == status
    nothing = fitting.fit_bg_nbd([], [], [])
    assert nothing.values == dict.fromkeys(("r", "alpha", "a", "b"))


def test_a_likelihood_without_a_maximum_does_not_converge():
    # Everybody orders alike: the rates have no spread to estimate.
    fit = fitting.fit_bg_nbd([3] * 40, [9.0] * 40, [10.0] * 40)
    assert (fit.fit_status, fit.values["r"]) == ("not_converged", None)
    fit = fitting.fit_gamma_gamma([2] * 40, [10.0] * 40)
    assert fit.fit_status == "not_converged"


# V-24


HIGH_END = [869, 743, 653, 593, 551, 517, 491]


def test_sbg_finds_the_published_parameters():
    fit = fitting.fit_sbg(1000, HIGH_END)
    assert fit.values == pytest.approx({"alpha": 0.668, "beta": 3.806}, abs=0.001)
    survival = [fitting.sbg_survival(fit.values, t) for t in range(13)]
    assert survival[0] == 1
    assert survival == sorted(survival, reverse=True)
    assert survival[1] == pytest.approx(3.806 / 4.474, abs=1e-3)
    assert survival[12] == pytest.approx(0.377, abs=0.01)


def test_sbg_survival_is_the_beta_function():
    parameters = {"alpha": 0.668, "beta": 3.806}
    for t in (0, 1, 7, 30):
        expected = beta_function(0.668, 3.806 + t) / beta_function(0.668, 3.806)
        assert fitting.sbg_survival(parameters, t) == pytest.approx(expected)


@pytest.mark.parametrize(("renewals", "discount"), [(0, 0.1), (4, 0.1), (12, 0.008)])
def test_residual_lifetime_is_the_formula(renewals, discount):
    alpha, beta = 0.668, 3.806
    bottom = alpha + beta + renewals
    series = hyp2f1(1, beta + renewals + 1, bottom + 1, 1 / (1 + discount))
    got = fitting.residual_periods({"alpha": alpha, "beta": beta}, renewals, discount)
    assert got == pytest.approx((beta + renewals) / bottom * series, rel=1e-9)


def test_residual_lifetime_without_a_discount():
    assert fitting.residual_periods({"alpha": 3.0, "beta": 4.0}, 2, 0) == 3
    assert fitting.residual_periods({"alpha": 1.0, "beta": 4.0}, 2, 0) is None


def test_sbg_of_too_short_or_too_plain_a_cohort():
    assert fitting.fit_sbg(10, [8, 7], min_periods=3).fit_status == "insufficient_data"
    assert fitting.fit_sbg(10, [8, 7, 7], min_periods=3).fit_status == "fitted"
    for survivors in ([10, 10, 10], [0, 0, 0], [5, 3, 0]):
        assert fitting.fit_sbg(10, survivors).fit_status == "not_converged"


@pytest.fixture(scope="module")
def january():
    """Ten buyers of January: 3 never again, 3 in February, 2 in March, 2 in June."""
    last = ["2024-01-20"] * 3 + ["2024-02-02"] * 3 + ["2024-03-31"] * 2
    last += ["2024-06-10"] * 2
    orders = [(f"u{n}", "2024-01-10", 10) for n in range(10)]
    return orders + [(f"u{n}", day, 10) for n, day in enumerate(last)]


def projected(orders, **arguments):
    return prediction.tables(make_shop(orders, **arguments))["rpt_retention_projection"]


def test_observed_survival_ends_with_the_last_complete_month(january):
    rows = projected(january, as_of="2024-06-10")
    assert [row["period_number"] for row in rows] == list(range(4 + 12 + 1))
    observed = [row["observed_survival_rate"] for row in rows]
    assert observed == [1, 0.7, 0.4, 0.2, 0.2] + [None] * 12
    assert rows[0]["fit_status"] == "fitted"
    assert rows[0]["projected_retention_rate"] is None
    assert rows[0]["projected_survival_rate"] == 1
    assert rows[16]["projected_survival_rate"] < rows[4]["projected_survival_rate"]
    for before, after in zip(rows, rows[1:], strict=False):
        ratio = after["projected_survival_rate"] / before["projected_survival_rate"]
        assert after["projected_retention_rate"] == pytest.approx(ratio)
    assert projected(january, as_of="2024-06-30")[5]["observed_survival_rate"] == 0.2


def test_a_young_cohort_is_not_projected(january):
    for as_of, status in (("2024-04-29", "insufficient_data"), ("2024-04-30", None)):
        rows = projected(january, as_of=as_of)
        assert (rows[0]["fit_status"] == status) == (status is not None)
    rows = projected(january, as_of="2024-03-31")
    assert {row["projected_survival_rate"] for row in rows} == {None}
    assert rows[2]["observed_survival_rate"] == 0.2


# V-23, V-25 to V-28


GIVEN = {"bgnbd_parameters": BG_NBD, "gamma_gamma_parameters": GAMMA_GAMMA}
REGULARS = [("a", "2024-01-01", 10), ("a", "2024-02-05", 30), ("a", "2024-02-05", 10)]
REGULARS += [("b", "2024-03-01", 20)]


def lifetime(orders=REGULARS, users=None, variables=None, **inputs):
    """Customer -> row of fct_customer_lifetime_values, by the given parameters."""
    shop = make_shop(orders, users, variables=GIVEN | (variables or {}), **inputs)
    return {row["customer_id"]: row for row in value.lifetime_values(shop)}


def test_orders_of_one_day_are_one_for_the_models():
    shop = make_shop([*REGULARS, ("b", "2024-04-01", 8, ("2024-06-30", 3))])
    known = prediction.histories(shop, date(2024, 6, 30))
    assert known["a"] == prediction.History(1, 5.0, 181 / 7, 40.0)
    assert known["b"].mean_amount == 5.0
    assert prediction.histories(shop, date(2024, 6, 29))["b"].mean_amount == 8.0
    assert set(prediction.histories(shop, date(2024, 2, 29))) == {"a"}


def test_predicted_value_is_the_discounted_sum_of_months():
    row = lifetime(variables={"gross_margin_rate": 0.4})["a"]
    arguments = ([1], [5.0], [181 / 7])
    discount = 1.1 ** (1 / 12) - 1
    amount = fitting.expected_amount(GAMMA_GAMMA, 1, 40.0)
    orders = [0.0] + [
        fitting.expected_orders(BG_NBD, *arguments, 4.345 * i).item()
        for i in range(1, 13)
    ]
    months = ((orders[i] - orders[i - 1]) / (1 + discount) ** i for i in range(1, 13))
    assert row["expected_order_count"] == pytest.approx(orders[12])
    assert row["expected_order_amount"] == pytest.approx(amount)
    assert row["predicted_clv_amount"] == pytest.approx(0.4 * amount * sum(months))
    assert row["total_clv_amount"] == pytest.approx(20 + row["predicted_clv_amount"])
    assert row["fit_status"] == "given"


def test_margin_share_is_the_one_of_all_orders_when_a_cost_is_known():
    shop = make_shop(REGULARS, variables=GIVEN)
    shop.orders[0]["cost_amount"] = Decimal("7.00")
    expected = (70 - 7) / 70
    assert prediction._margin_share(shop) == pytest.approx(expected)


def test_prediction_falls_with_the_discount_and_rises_with_the_horizon():
    def predicted(**variables):
        return lifetime(variables=variables)["a"]["predicted_clv_amount"]

    rates = [predicted(annual_discount_rate=rate) for rate in (0, 0.1, 0.5)]
    months = [predicted(clv_horizon_months=months) for months in (1, 12, 24)]
    assert rates == sorted(rates, reverse=True)
    assert months == sorted(months)


def test_somebody_without_orders_has_no_prediction():
    row = lifetime(users={"c": "2024-01-05"})["c"]
    assert row["historic_margin_amount"] == 0
    assert row["historic_profit_amount"] == 0
    unknown = ("p_alive_probability", "expected_order_count", "expected_order_amount")
    unknown += ("predicted_clv_amount", "total_clv_amount", "total_profit_amount")
    assert {row[column] for column in unknown} == {None}


def test_a_failed_model_is_no_prediction():
    shop = make_shop(REGULARS, variables={"bgnbd_parameters": BG_NBD})
    row = value.lifetime_values(shop)[0]
    assert row["fit_status"] == "insufficient_data"
    assert row["expected_order_count"] > 0
    assert (row["expected_order_amount"], row["total_clv_amount"]) == (None, None)
    shop = make_shop(REGULARS, variables={"gamma_gamma_parameters": GAMMA_GAMMA})
    row = value.lifetime_values(shop)[0]
    assert row["fit_status"] == "insufficient_data"
    assert (row["p_alive_probability"], row["expected_order_amount"]) == (None, None)


def test_first_order_on_the_last_day():
    row = lifetime([("a", "2024-06-30", 10)])["a"]
    assert (row["age_weeks"], row["p_alive_probability"]) == (0, 1)
    assert row["predicted_clv_amount"] > 0


def test_acquisition_cost_is_shared_by_the_new_buyers_of_the_month():
    buyers = [(f"u{n}@ads", "2024-02-28", 1) for n in range(10)]
    rows = lifetime(
        [*buyers, ("late@ads", "2024-03-01", 1), ("other@shop", "2024-02-03", 1)],
        users={"idle@ads": "2024-02-01"},
        marketing_spend=[
            spend("2024-02-01", "ads", 100),
            spend("2024-02-29", "ads", 200),
            spend("2024-04-01", "ads", 7),
        ],
    )
    costs = {name: row["acquisition_cost_amount"] for name, row in rows.items()}
    assert costs == {f"u{n}@ads": 30.0 for n in range(10)} | {
        "late@ads": 0.0,
        "other@shop": 0.0,
        "idle@ads": 0.0,
    }


def test_spend_and_costs_are_conserved():
    shop = make_shop(
        [("a@ads", "2024-02-10", 1), ("b@ads", "2024-02-11", 1)],
        marketing_spend=[spend("2024-02-01", "ads", 1), spend("2024-03-01", "ads", 2)],
        operating_costs=[cost("1", "2024-01-31", 8), cost("2", "2024-02-01", 1)],
    )
    borne, unallocated = value.acquisition_costs(shop)
    assert (sum(borne.values()), unallocated) == (1, 2)
    borne, unallocated = value.operating_costs(shop)
    assert (sum(borne.values()), unallocated) == (1, 8)


def test_costs_of_an_account_that_does_not_exist_yet_are_nobodys():
    shop = make_shop(
        [("a", "2024-02-10", 1)],
        users={"later": "2024-07-01"},
        operating_costs=[
            cost("1", "2024-02-01", 3, "later"),
            cost("2", "2024-02-01", 2),
        ],
        contacts=[contact("1", "later", cost="0.5"), contact("2", "a", cost="0.25")],
    )
    borne, unallocated = value.operating_costs(shop)
    assert (borne, unallocated) == ({"a": Fraction(9, 4)}, Fraction(7, 2))


def test_shared_cost_goes_by_orders_else_by_activity_days():
    shop = make_shop(
        [("a", "2024-02-10", 1), ("a", "2024-02-10", 1), ("b", "2024-02-11", 1)],
        logins=[
            {"login_id": str(n), "user_id": user, "login_at": at}
            for n, (user, at) in enumerate(
                [
                    ("b", "2024-02-12"),
                    ("a", "2024-03-01 10:00"),
                    ("a", "2024-03-01 11:00"),
                    ("b", "2024-03-02"),
                    ("b", "2024-03-03"),
                ]
            )
        ],
        operating_costs=[
            cost("1", "2024-02-29", 30),
            cost("2", "2024-03-31", 9),
            cost("3", "2024-04-30", 5),
            cost("4", "2024-02-01", 2, "b"),
        ],
        contacts=[contact("1", "a", cost="0.5")],
    )
    borne, unallocated = value.operating_costs(shop)
    assert borne == {"a": 20 + 3 + Fraction(1, 2), "b": 10 + 6 + 2}
    assert unallocated == 5


def test_profit_of_500_less_30_and_45_is_425():
    rows = lifetime(
        [("a@ads", "2024-02-10", 500)],
        marketing_spend=[spend("2024-02-01", "ads", 30)],
        operating_costs=[cost("1", "2024-03-01", 45, "a@ads")],
    )
    row = rows["a@ads"]
    assert row["historic_profit_amount"] == 425
    assert row["total_profit_amount"] == pytest.approx(
        425 + row["predicted_clv_amount"]
    )


def test_the_share_of_wallet_is_the_latest_answer():
    rows = lifetime(
        users={"u": "2024-01-01"},
        survey_responses=[
            answer("9", score="0.1", responded_at="2024-02-01"),
            answer("2", score="0.2", responded_at="2024-03-01"),
            answer("3", score="0.3", responded_at="2024-03-01"),
            answer("4", "rating", "5", responded_at="2024-04-01"),
            answer("5", score="0.9", responded_at="2024-07-01"),
            answer("6", score="0.8", user_id="", respondent_id="u"),
        ],
    )
    assert {name: row["wallet_share"] for name, row in rows.items()} == {
        "a": None,
        "b": None,
        "u": 0.3,
    }


def test_buyers_of_a_year_and_prospects_are_in_scope():
    shop = make_shop(
        [("day_365@ads", "2023-07-02", 1), ("lapsed@ads", "2023-07-01", 1)],
        users={"prospect@web": "2023-01-01", "later@web": "2024-07-01"},
        as_of="2024-06-30",
    )
    rows = {row["channel"]: row for row in value.retention_values(shop)}
    counts = {channel: row["customer_scope_count"] for channel, row in rows.items()}
    assert counts == {"all": 2, "ads": 1, "web": 1}


# rpt_clv_by_segment


@pytest.fixture(scope="module")
def segments():
    orders = [("a@ads", "2024-01-05", 10), ("a@ads", "2024-03-20", 25)]
    orders += [("b@ads", "2024-02-05", 20), ("c@shop", "2024-02-05", 20)]
    shop = make_shop(
        orders,
        users={"d@shop": "2024-01-01"},
        variables=GIVEN,
        marketing_spend=[
            spend("2024-01-01", "ads", 34),
            spend("2024-02-01", "ads", 20),
            spend("2024-03-01", "ads", 7),
            spend("2024-02-01", "tv", 1),
        ],
        operating_costs=[
            cost("1", "2024-05-01", 4, "d@shop"),
            cost("2", "2024-05-01", 2.5),
        ],
    )
    labels = {"mood": dict.fromkeys(shop.customers, "good") | {"d@shop": "bad"}}
    return prediction.tables(shop, labels)["rpt_clv_by_segment"]


def test_segments_are_sums_of_their_customers(segments):
    ads = find(segments, segmentation="channel", segment="ads")
    assert (ads["customer_count"], ads["acquisition_cost_amount"]) == (2, 54)
    assert ads["historic_profit_amount"] == 55 - 54
    total = 55 + ads["predicted_clv_amount"]
    assert ads["total_clv_amount"] == pytest.approx(total)
    assert ads["ltv_to_cac_ratio"] == pytest.approx(total / 54)
    # Offset 0: 30, offset 2: 55.
    assert ads["payback_months"] == 2
    shop = find(segments, segmentation="channel", segment="shop")
    assert (shop["payback_months"], shop["ltv_to_cac_ratio"]) == (0, None)
    assert shop["historic_profit_amount"] == 16


def test_months_hold_buyers_only_and_labels_hold_everybody(segments):
    counts = {
        (row["segmentation"], row["segment"]): row["customer_count"] for row in segments
    }
    assert counts == {
        ("channel", "ads"): 2,
        ("channel", "shop"): 2,
        ("first_order_month", "2024-01"): 1,
        ("first_order_month", "2024-02"): 2,
        ("mood", "good"): 3,
        ("mood", "bad"): 1,
        ("unallocated", "unallocated"): 0,
    }
    bad = find(segments, segmentation="mood", segment="bad")
    assert (bad["predicted_clv_amount"], bad["total_profit_amount"]) == (0, -4)


def test_what_falls_to_nobody_is_a_row_of_its_own(segments):
    row = find(segments, segment="unallocated")
    assert (row["acquisition_cost_amount"], row["operating_cost_amount"]) == (8, 2.5)
    assert (row["total_clv_amount"], row["total_profit_amount"]) == (0, -10.5)
    assert (row["ltv_to_cac_ratio"], row["payback_months"]) == (0, None)


def test_without_any_remainder_there_is_no_row_of_it():
    rows = prediction.tables(make_shop(REGULARS, variables=GIVEN))
    segmentations = {row["segmentation"] for row in rows["rpt_clv_by_segment"]}
    assert segmentations == {"channel", "first_order_month"}


def test_thirds_of_a_cost_are_paid_back_by_all_of_it():
    third = Fraction(200, 3)
    margins = [{0: Decimal("66.66666666666666666666666667")}] * 2
    margins += [{0: Decimal("66.66666666666666666666666665")}]
    assert prediction.payback_of_members(margins, 3 * third) == 0


def test_payback_is_none_until_the_cost_is_earned():
    margins = [{0: Decimal(10), 3: Decimal(5)}, {1: Decimal(15)}]
    cases = {0: 0, 10: 0, 11: 1, 25: 1, 26: 3, 30: 3, 31: None}
    for amount, months in cases.items():
        assert prediction.payback_of_members(margins, Fraction(amount)) == months


# G-09d, G-14


def test_payback_of_10_22_31_against_30_is_2():
    assert growth.payback_months([10, 22, 31], 30) == 2
    assert growth.payback_months([10, 22, 30.0], 30) == 2
    assert growth.payback_months([10, 22, 29.99], 30) is None
    assert growth.payback_months([10], 0) == 0
    assert growth.payback_months([10], None) is None


def acquisition(as_of, variables=None, users=None):
    orders = [("a@ads", "2024-01-05", 10), ("a@ads", "2024-02-05", 12)]
    orders += [("a@ads", "2024-03-05", 9), ("b@shop", "2024-01-05", 5)]
    shop = make_shop(
        orders,
        users,
        as_of,
        variables,
        marketing_spend=[spend("2024-01-05", "ads", 30)],
    )
    rows = growth.tables(shop, spans=[])["rpt_channel_acquisition"]
    return {
        row["channel"]: (row["ltv_to_cac_ratio"], row["payback_months"])
        for row in rows
        if row["month_start_date"] == date(2024, 1, 1)
    }


def test_ltv_to_cac_of_a_cohort():
    # all: 36 earned by two, who cost 15 each; 27 earned after a month.
    assert acquisition("2024-03-31") == {
        "all": (pytest.approx(18 / 15), 2),
        "paid": (None, None),
        "ads": (pytest.approx(31 / 30), 2),
        "shop": (None, 0),
    }


def test_buyers_pay_back_what_buyers_cost_however_cac_is_counted():
    counted = acquisition(
        "2024-03-31", {"cac_basis": "registration"}, {"c@ads": "2024-01-09"}
    )
    assert counted == acquisition("2024-03-31")


def test_only_mature_months_pay_back():
    assert acquisition("2024-03-30")["ads"] == (pytest.approx(22 / 30), None)
    assert acquisition("2024-01-30")["ads"] == (None, None)


def test_a_reward_of_20_each_way_for_one_accepted_referral_is_40():
    shop = make_shop(
        users={"a": "2024-01-01", "b": "2024-02-03"},
        as_of="2024-03-31",
        referrals=[
            {"referral_id": "1", "referrer_id": "a", "referee_id": "b"}
            | {"invited_at": "2024-02-01", "accepted_at": "2024-02-04"}
        ],
        operating_costs=[
            cost("1", "2024-02-04", 20, "a", "referral_reward"),
            cost("2", "2024-02-05", 20, "b", "referral_reward"),
            cost("3", "2024-02-05", 99, "b", "coupon"),
            cost("4", "2024-03-05", 20, None, "referral_reward"),
        ],
    )
    rows = growth.tables(shop, spans=[])["rpt_referral_periods"]
    assert [row["subsidy_per_acquired_amount"] for row in rows] == [None, 40.0, None]


# G-10


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("logistic", {"L": 5000.0, "k": 0.35, "t0": 9.3}),
        ("logistic", {"L": 80.0, "k": 1.2, "t0": 3.0}),
        ("gompertz", {"L": 5000.0, "b": 6.0, "k": 0.3}),
        ("bass", {"L": 5000.0, "p": 0.02, "q": 0.4}),
    ],
)
def test_a_curve_without_noise_is_recovered(model, parameters):
    sizes = fitting.curve(model, list(parameters.values()), range(18))
    fit = fitting.fit_curve(model, sizes)
    assert fit.values == pytest.approx(parameters, rel=1e-6)
    assert fit.residual_sum_of_squares == pytest.approx(0, abs=1e-12)
    assert prediction.is_identified(fit)


def test_key_points_of_the_curves():
    def share(model, parameters, t):
        return float(fitting.curve(model, list(parameters.values()), t))

    logistic = {"L": 1.0, "k": 0.5, "t0": 8.0}
    fit = fitting.Fit("logistic", logistic, "fitted", 18)
    assert share("logistic", logistic, fitting.inflection(fit)) == 0.5
    bend = prediction.critical_time(fit)
    assert share("logistic", logistic, bend) == pytest.approx(0.2113, abs=1e-4)
    mirrored = share("logistic", logistic, 16 - bend)
    assert mirrored == pytest.approx(0.7887, abs=1e-4)
    gompertz = {"L": 1.0, "b": 5.0, "k": 0.3}
    middle = fitting.inflection(fitting.Fit("gompertz", gompertz, "fitted", 18))
    assert middle == pytest.approx(log(5) / 0.3)
    assert share("gompertz", gompertz, middle) == pytest.approx(1 / e)
    bass = {"L": 1.0, "p": 0.03, "q": 0.38}
    peak = fitting.inflection(fitting.Fit("bass", bass, "fitted", 18))
    assert peak == pytest.approx(log(0.38 / 0.03) / 0.41)


def test_growth_is_not_identified_before_its_middle():
    early = fitting.curve("logistic", [1000, 0.5, 12.0], range(13))
    fit = fitting.fit_curve("logistic", early)
    assert prediction.is_identified(fit)
    fit = fitting.fit_curve("logistic", early[:12])
    assert (fit.fit_status, prediction.is_identified(fit)) == ("fitted", False)
    assert prediction.critical_time(fit) is None
    exponential = [2.0**t for t in range(10)]
    assert not prediction.is_identified(fitting.fit_curve("logistic", exponential))
    assert fitting.fit_curve("logistic", [0] * 9).fit_status == "not_converged"
    assert fitting.fit_curve("logistic", [7] * 9).fit_status == "not_converged"


def test_stages_of_growth_at_their_bounds():
    lower = 1 / (3 + sqrt(3))
    stages = {
        0.0: "cold_start",
        lower - 1e-9: "cold_start",
        lower: "high_growth",
        1 - lower - 1e-9: "high_growth",
        1 - lower: "maturity",
        0.9499: "maturity",
        0.95: "saturation",
        1.2: "saturation",
    }
    for share, stage in stages.items():
        assert prediction.growth_stage(share, has_declined=False) == stage
        assert prediction.growth_stage(share, has_declined=True) == "decline"
    assert prediction.growth_stage(None, has_declined=True) == "not_identified"


def grown_shop(sizes, logins=(), **arguments):
    """A shop with so many customers at the end of each month of 2023 and 2024."""
    users = {}
    for t, size in enumerate(sizes):
        for n in range(len(users), size):
            users[f"u{n:04d}"] = f"{2023 + t // 12}-{t % 12 + 1:02d}-15"
    logins = [
        {"login_id": f"{n}", "user_id": user, "login_at": day}
        for n, (user, day) in enumerate(logins)
    ]
    return make_shop(users=users, logins=logins, **arguments)


def grown(*arguments, **keywords):
    return prediction.tables(grown_shop(*arguments, **keywords))["rpt_growth_curve"]


def test_growth_curve_of_a_shop():
    sizes = [round(n) for n in fitting.curve("logistic", [400, 0.9, 6.0], range(14))]
    rows = grown(sizes, as_of="2024-02-29")
    assert [row["cumulative_customer_count"] for row in rows] == sizes
    assert rows[0]["period_start_date"] == date(2023, 1, 1)
    assert [row["growth_stage"] for row in rows] == (
        ["cold_start"] * 5 + ["high_growth"] * 3 + ["maturity"] * 2 + ["saturation"] * 4
    )
    # The bend lies at 6 - ln(2 + √3) / 0.9 = 4.54.
    assert [row["is_critical_point"] for row in rows].index(True) == 5
    assert sum(row["is_critical_point"] for row in rows) == 1
    assert rows[6]["fitted_customer_count"] == pytest.approx(200, abs=1)
    assert rows[6]["capacity_share"] == pytest.approx(0.5, abs=0.005)
    assert len(grown(sizes, as_of="2024-02-28")) == 13


def test_a_curve_of_too_few_periods_is_not_identified():
    sizes = [5, 20, 50, 80, 95]
    assert {row["is_identified"] for row in grown(sizes, as_of="2023-05-31")} == {True}
    for row in grown(sizes, as_of="2023-05-30"):
        assert row["growth_stage"] == "not_identified"
        assert (row["capacity_share"], row["fitted_customer_count"]) == (None, None)
        assert (row["is_identified"], row["is_critical_point"]) == (False, False)


def test_decline_needs_three_months_of_fewer_active_customers():
    active = {2: 4, 3: 4, 4: 3, 5: 2, 6: 1, 7: 1}
    logins = [
        (f"u{n:04d}", f"2023-{month:02d}-20")
        for month, count in active.items()
        for n in range(count)
    ]
    rows = grown([20, 40, 80, 120, 140, 150, 155], logins, as_of="2023-07-31")
    assert [row["growth_stage"] == "decline" for row in rows] == [
        *[False] * 5,
        True,
        False,
    ]


# Tables


def test_the_fit_date_is_a_month_end_180_days_ago_or_earlier():
    for as_of, expected in {
        "2024-06-28": date(2023, 12, 31),
        "2024-06-27": date(2023, 11, 30),
        "2024-12-31": date(2024, 6, 30),
        "2024-08-27": date(2024, 2, 29),
    }.items():
        assert prediction.fit_date(make_shop(as_of=as_of)) == expected


def test_backtest_counts_order_days_after_the_fit_date():
    orders = [
        *[("a", "2023-11-01", 10), ("a", "2023-12-31", 20, ("2024-01-05", 4))],
        *[("a", "2024-02-01", 7), ("a", "2024-02-01", 1, ("2024-03-01", 1))],
        *[("b", "2023-12-01", 9), ("new", "2024-01-01", 99)],
    ]
    shop = make_shop(orders, as_of="2024-06-28", variables=GIVEN)
    none, one = prediction.tables(shop)["rpt_prediction_backtest"]
    assert (none["repeat_order_count"], one["repeat_order_count"]) == (0, 1)
    assert (one["customer_count"], one["actual_order_count"]) == (1, 1)
    assert (one["actual_amount"], none["actual_amount"]) == (Decimal("7.00"), 0)
    weeks = (date(2024, 6, 28) - date(2023, 12, 31)).days / 7
    age = 60 / 7
    (orders,) = fitting.expected_orders(BG_NBD, [1], [age], [age], weeks)
    assert one["expected_order_count"] == pytest.approx(orders)
    # The refund of January is not known at the end of December.
    amount = fitting.expected_amount(GAMMA_GAMMA, 1, 20)
    assert one["expected_amount"] == pytest.approx(orders * amount)
    assert one["fit_status"] == "given"


def test_nobody_to_test_predictions_on():
    shop = make_shop([("a", "2024-01-01", 10)], as_of="2024-06-28")
    assert prediction.tables(shop)["rpt_prediction_backtest"] == []


def test_parameters_have_a_row_each_fitted_or_not(january):
    rows = prediction.tables(make_shop(january))["fct_model_parameters"]
    keys = [(row["model"], row["cohort_month"], row["parameter"]) for row in rows]
    month = date(2024, 1, 1)
    assert keys == [
        *(("bg_nbd", None, name) for name in ("r", "alpha", "a", "b")),
        *(("gamma_gamma", None, name) for name in ("p", "q", "v")),
        *(("sbg", month, name) for name in ("alpha", "beta")),
        *(("logistic", None, name) for name in ("L", "k", "t0")),
    ]
    assert rows[0]["fit_status"] == "insufficient_data"
    assert (rows[0]["value"], rows[0]["observation_count"]) == (None, 10)
    assert rows[7]["value"] > 0
    assert rows[7]["observation_count"] == 10


@pytest.mark.parametrize("given", [{}, GIVEN])
def test_parameters_of_a_shop_without_a_buyer_have_their_rows(given):
    shop = make_shop(users={"a": "2024-01-01"}, variables=given)
    tables = prediction.tables(shop)
    status = "given" if given else "insufficient_data"
    rows = [r for r in tables["fct_model_parameters"] if r["model"] != "logistic"]
    assert [row["parameter"] for row in rows] == ["r", "alpha", "a", "b", "p", "q", "v"]
    assert {row["fit_status"] for row in rows} == {status}
    assert {row["observation_count"] for row in rows} == {0}
    assert {row["frequency_amount_correlation"] for row in rows} == {None}
    (customer,) = tables["fct_customer_lifetime_values"]
    assert customer["fit_status"] == status
    assert tables["rpt_prediction_backtest"] == []


def test_where_all_was_given_away_the_given_margin_rate_counts():
    orders = [("a", "2024-01-01", 10, ("2024-01-02", 10))]
    shop = make_shop(orders, variables=GIVEN | {"gross_margin_rate": 0.4})
    assert prediction._margin_share(shop) == 0.4
    shop.orders[0]["cost_amount"] = Decimal("7.00")
    assert prediction._margin_share(shop) is None


def test_tables_follow_from_published_parameters(january):
    shop = make_shop(january)
    tables = prediction.tables(shop)
    published = prediction.published_fits(tables["fct_model_parameters"])
    assert prediction.tables(shop, fits=published) == tables
    other = {}
    for key, fit in published.items():
        values = dict.fromkeys(fit.values, 1.0)
        other[key] = fitting.Fit(fit.model, values, "fitted", 10, fit.cohort_month)
    changed = prediction.tables(shop, fits=other)
    assert changed["fct_model_parameters"] == tables["fct_model_parameters"]
    assert changed["rpt_retention_projection"][3]["projected_survival_rate"] == 0.25
    customer = changed["fct_customer_lifetime_values"][0]
    assert (customer["fit_status"], customer["expected_order_amount"]) == (
        "fitted",
        None,
    )
    assert customer["expected_order_count"] > 0


def test_an_empty_shop_has_empty_tables():
    tables = prediction.tables(make_shop(as_of=None))
    assert set(tables) == {
        "fct_customer_lifetime_values",
        "fct_model_parameters",
        "rpt_clv_by_segment",
        "rpt_retention_projection",
        "rpt_growth_curve",
        "rpt_prediction_backtest",
    }
    assert not any(tables.values())


def test_rows_after_the_as_of_date_change_nothing(january):
    as_of = "2024-03-31"
    seen = [row for row in january if row[1] <= as_of]
    late = {"operating_costs": [cost("1", "2024-04-01", 5)]}
    late["marketing_spend"] = [spend("2024-04-01", "ads", 5)]
    now = prediction.tables(make_shop(seen, as_of=as_of))
    later = prediction.tables(make_shop(january, as_of=as_of, **late))
    assert now == later
