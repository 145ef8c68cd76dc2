"""The functions of macros/statistics against scipy's, on DuckDB."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

# Macro -> call over columns of a row.
CALLS = {
    "log_gamma": "{{ log_gamma('x') }}",
    "log_beta": "{{ log_beta('x', 'y') }}",
    "bg_nbd_orders_if_alive": "{{ bg_nbd_orders_if_alive() }}",
    "sbg_residual_periods": "{{ sbg_residual_periods() }}",
    "hypergeometric_2f1": "{{ hypergeometric_2f1('x', 'y', 'c', 'z') }}",
    "normal_cdf": "{{ normal_cdf('x') }}",
    "normal_upper_tail": "{{ normal_upper_tail('x') }}",
    "chi_square_upper_tail": "{{ chi_square_upper_tail('x', 'y') }}",
    "t_upper_tail": "{{ t_upper_tail('x', 'y') }}",
    "t_two_sided_tail": "{{ t_two_sided_tail('x', 'y') }}",
}
# Macro -> call of the columns it reads beside the given ones.
COLUMNS = {
    "bg_nbd_orders_if_alive": "{{ bg_nbd_mean_columns() }}",
    "sbg_residual_periods": "{{ sbg_mean_columns() }}",
    "hypergeometric_2f1": "{{ hypergeometric_columns('x', 'y', 'c', 'z') }}",
}
# The columns of the others.
ARGUMENTS = {
    "bg_nbd_orders_if_alive": ["r_and_x", "b_and_x", "a", "weeks_ratio"],
    "sbg_residual_periods": ["alpha", "later_beta", "next_beta", "rate"],
    "hypergeometric_2f1": ["x", "y", "c", "z"],
}
SEPARATOR = "\n-- the next expression\n"
ROWS = 2000
# Where the reference is slow.
FEW = 200


@pytest.fixture(scope="module")
def compute(warehouse):
    """compute("log_gamma", x=array): the value of a macro for every row."""
    queries = [
        f"select {call} as value from "
        f"(select *, {COLUMNS.get(name, 'null')} from cells) as wider"
        for name, call in CALLS.items()
    ]
    compiled = warehouse.compile(SEPARATOR.join(queries))
    sql = dict(zip(CALLS, compiled.split(SEPARATOR), strict=True))

    def values(name: str, **columns: np.ndarray) -> np.ndarray:
        with duckdb.connect() as connection:
            connection.register("given", pd.DataFrame(columns))
            connection.execute("create table cells as select * from given")
            return connection.execute(sql[name]).fetchnumpy()["value"]

    return values


@pytest.fixture
def random():
    return np.random.default_rng(20240229)


def between(random, low, high, rows=ROWS):
    """Numbers of every magnitude between two positive ones."""
    return np.exp(random.uniform(np.log(low), np.log(high), rows))


def assert_near(found, expected, relative=0.0, absolute=0.0):
    np.testing.assert_allclose(found, expected, rtol=relative, atol=absolute)


def test_log_gamma(compute, random):
    x = np.append(between(random, 1e-6, 1e6), [1, 2, 0.5, 171])
    assert_near(compute("log_gamma", x=x), special.gammaln(x), 1e-14, 1e-14)


def test_log_beta(compute, random):
    x, y = between(random, 1e-3, 1e3), between(random, 1e-3, 1e3)
    assert_near(compute("log_beta", x=x, y=y), special.betaln(x, y), 1e-14, 5e-12)


def test_hypergeometric_function(compute, random):
    b, rest = between(random, 0.02, 100), between(random, 0.02, 100)
    a = random.uniform(-2, np.minimum(2, rest))
    z = 1 - between(random, 1e-6, 1)
    found = compute("hypergeometric_2f1", x=a, y=b, c=b + rest, z=z)
    expected = special.hyp2f1(a, b, b + rest, z)
    assert np.mean(np.abs(found / expected - 1) < 1e-9) > 0.98
    # scipy itself errs where c - a - b is next to a whole number.
    s = rest - a
    is_sure = np.abs(s - np.round(s)) > 1e-3
    assert_near(found[is_sure], expected[is_sure], 1e-7)


def test_hypergeometric_function_of_known_values(compute):
    """(1 - z)^-a if b = c; -ln(1 - z) / z and the elliptic integral K (DLMF 15.4)."""
    z = np.array([0.0, 1e-12, 0.3, 0.9, 0.999, 0.999999])
    ones = np.ones(len(z))
    log = compute("hypergeometric_2f1", x=ones * 0.999999999, y=ones, c=2 * ones, z=z)
    assert_near(log[1:], -np.log1p(-z[1:]) / z[1:], 1e-7)
    assert log[0] == pytest.approx(1, rel=1e-12)
    half = ones / 2
    elliptic = compute("hypergeometric_2f1", x=half - 1e-12, y=half, c=ones, z=z)
    assert_near(elliptic, 2 / np.pi * special.ellipk(z), 1e-7)


def counted(r_and_x, b_and_x, a, weeks_ratio):
    """Orders of BG/NBD one by one: P(so many or more) times P(not left before)."""
    total, stays, before = np.zeros(len(a)), np.ones(len(a)), 0
    quiet = 1 / (1 + weeks_ratio)
    while True:
        term = stays * stats.nbinom.sf(before, r_and_x, quiet)
        total = total + term
        if np.all(term <= 1e-16 * total):
            return total
        stays = stays * (b_and_x + before) / (a + b_and_x + before)
        before += 1


def orders(compute, r_and_x, b_and_x, a, weeks_ratio):
    columns = {"r_and_x": r_and_x, "b_and_x": b_and_x, "a": a}
    columns = {name: values * np.ones(FEW) for name, values in columns.items()}
    columns["weeks_ratio"] = weeks_ratio * np.ones(FEW)
    return compute("bg_nbd_orders_if_alive", **columns), columns


def test_bg_nbd_orders(compute, random):
    r, a, b = (between(random, 0.05, high, FEW) for high in (10, 10, 20))
    x = random.integers(0, 80, FEW)
    weeks_ratio = between(random, 1e-3, 20, FEW)
    found, columns = orders(compute, r + x, b + x, a, weeks_ratio)
    assert_near(found, counted(**columns), 1e-10)


def test_bg_nbd_orders_of_extreme_parameters(compute, random):
    """All that the search accepts; as many orders as the reference can count."""
    r, a, b = (between(random, np.exp(-9), np.exp(9), FEW) for _ in range(3))
    x = random.choice([0, 1, 30, 1000], FEW)
    weeks_ratio = np.minimum(between(random, 1e-6, 100, FEW), 3000 / (r + x))
    found, columns = orders(compute, r + x, b + x, a, weeks_ratio)
    assert_near(found, counted(**columns), 1e-8)


@pytest.mark.parametrize("b", [60, 80, 100, 150, 300, 2000])
def test_bg_nbd_orders_of_a_large_b(compute, b, random):
    a = between(random, 0.05, 10, FEW)
    weeks_ratio = random.uniform(1, 60, FEW)
    found, columns = orders(compute, 1, b, a, weeks_ratio)
    assert_near(found, counted(**columns), 1e-10)


@pytest.mark.parametrize("weeks_ratio", [1e-9, 0.5, 3, 1e4, 1e9, 1e13])
def test_bg_nbd_orders_where_2f1_is_0_by_0(compute, weeks_ratio):
    """For a = 1, and for a + b = 1 without a repeat order, r = 1."""
    found, _ = orders(compute, 1, 1, 1, weeks_ratio)
    assert_near(found, np.log1p(weeks_ratio), 1e-7)
    found, _ = orders(compute, 1, 0.5, 0.5, weeks_ratio)
    assert_near(found, weeks_ratio / np.sqrt(1 + weeks_ratio), 1e-7)


def residual(compute, alpha, beta, rate):
    ones = np.ones(ROWS)
    return compute(
        "sbg_residual_periods",
        alpha=alpha * ones,
        later_beta=beta * ones,
        next_beta=(beta + 1) * ones,
        rate=rate * ones,
    )


def survived(alpha, beta, rate):
    """The discounted survival of each period, summed."""
    total, term, period = np.zeros(ROWS), np.ones(ROWS), 0
    while np.any(term > 1e-17 * total):
        term = term * (beta + period) / (alpha + beta + period)
        total = total + term
        term, period = term / (1 + rate), period + 1
    return total


@pytest.mark.parametrize("annual", [0.01, 0.1, 1, 100])
def test_sbg_residual_periods(compute, random, annual):
    alpha, beta = (between(random, np.exp(-9), np.exp(9)) for _ in range(2))
    rate = (1 + annual) ** (1 / 12) - 1
    found = residual(compute, alpha, beta, rate)
    assert_near(found, survived(alpha, beta, rate), 1e-9)


@pytest.mark.parametrize("rate", [0.5, 1e-3, 1e-6, 1e-9, 1e-11])
def test_sbg_residual_periods_at_little_interest(compute, rate):
    """With alpha and beta 1, the sum over k of z^k / (k + 2) for z = 1 / (1 + rate)."""
    z = 1 / (1 + rate)
    found = residual(compute, 1, 1, rate)
    assert_near(found, (np.log((1 + rate) / rate) - z) / z**2, 1e-8)


def test_sbg_residual_periods_without_interest(compute, random):
    alpha, beta = between(random, 1.01, 8000), between(random, 0.05, 8000)
    assert_near(residual(compute, alpha, beta, 0), beta / (alpha - 1), 1e-12)
    assert np.ma.getmaskarray(residual(compute, 1, beta, 0)).all()


def test_normal_tails(compute):
    x = np.append(np.linspace(-37, 37, 20_001), [0, 0.66, -0.66, 4 * 2**0.5, 1e-300])
    assert_near(compute("normal_upper_tail", x=x), stats.norm.sf(x), 1e-12)
    assert_near(compute("normal_cdf", x=x), stats.norm.cdf(x), 1e-12)


def test_normal_tails_far_away(compute):
    x = np.array([-1e300, -38.0, 38.0, 1e300])
    assert_near(compute("normal_upper_tail", x=x), [1, 1, 0, 0])
    assert_near(compute("normal_cdf", x=x), [0, 0, 1, 1])


def test_chi_square_tail(compute, random):
    df = np.append(random.integers(1, 201, ROWS), random.uniform(1, 200, ROWS))
    x = stats.chi2.isf(random.uniform(size=2 * ROWS), df)
    x = np.where(random.uniform(size=2 * ROWS) < 0.3, random.uniform(0, 900), x)
    x[:6] = [0, 1e-300, 1e-28, 1e-10, 1e4, 1e6]
    x[6:1000] = df[6:1000] + 2 + random.choice([-1e-9, 0, 1e-9], 994)
    found, expected = compute("chi_square_upper_tail", x=x, y=df), stats.chi2.sf(x, df)
    assert_near(found, expected, absolute=1e-12)
    far = (x > df + 2) & (expected > 1e-200)
    assert_near(found[far], expected[far], 1e-10)


def test_t_tails(compute, random):
    df = np.append(random.integers(1, 1001, ROWS), between(random, 1, 1000))
    t = stats.t.isf(random.uniform(size=2 * ROWS), df)
    far = random.choice([-1, 1], 2 * ROWS) * between(random, 1e-12, 1e12, 2 * ROWS)
    t = np.where(random.uniform(size=2 * ROWS) < 0.3, far, t)
    # scipy's own t loses digits near 0; its beta does not.
    two_sided = special.betaincc(0.5, df / 2, t * t / (df + t * t))
    two_sided = np.where(t * t < df, two_sided, 2 * stats.t.sf(np.abs(t), df))
    one_sided = np.where(t < 0, 1 - two_sided / 2, two_sided / 2)
    shown = two_sided > 1e-200
    found = compute("t_two_sided_tail", x=t, y=df)
    assert_near(found, two_sided, absolute=1e-12)
    assert_near(found[shown], two_sided[shown], 1e-10)
    assert_near(compute("t_upper_tail", x=t, y=df), one_sided, absolute=1e-12)


def test_t_tails_at_the_ends(compute):
    t, df = np.array([0, 1e-300, 1e300, -1e300]), np.array([1.0, 5.0, 5.0, 5.0])
    assert_near(compute("t_two_sided_tail", x=t, y=df), [1, 1, 0, 0])
    assert_near(compute("t_upper_tail", x=t, y=df), [0.5, 0.5, 0, 1])


@pytest.mark.parametrize("name", CALLS)
def test_of_nothing_is_nothing(compute, name):
    first, *others = ARGUMENTS.get(name, ["x", "y"])
    columns = {column: np.array([0.5, 0.5]) for column in others}
    if "c" in columns:
        columns["c"] += 1
    columns[first] = np.array([None, 0.5], dtype=object)
    found = compute(name, **columns)
    assert np.ma.getmaskarray(found).tolist() == [True, False]
