"""The models of prediction: their likelihoods, fits and expectations, and no shop.

BG/NBD (Fader, Hardie, Lee 2005), Gamma-Gamma (Fader, Hardie 2013), sBG (Fader, Hardie
2007) and three growth curves. Fits are made with scipy's optimisers on log-parameters,
expectations with numpy; times of BG/NBD are weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.optimize import least_squares
from scipy.special import betainc, betaln, gammaln, hyp2f1, psi

PARAMETERS = {
    "bg_nbd": ("r", "alpha", "a", "b"),
    "gamma_gamma": ("p", "q", "v"),
    "sbg": ("alpha", "beta"),
    "logistic": ("L", "k", "t0"),
    "gompertz": ("L", "b", "k"),
    "bass": ("L", "p", "q"),
}
CURVES = ("logistic", "gompertz", "bass")
FITTED, GIVEN = "fitted", "given"
INSUFFICIENT, NOT_CONVERGED = "insufficient_data", "not_converged"

# A parameter beyond e^9 (of scaled data) has run away: there is no optimum.
LOG_LIMIT = 9.0
LONGEST_TIME = 10.0
MAX_STEPS = 60
SMALLEST_STEP = 1e-9

Parameters = dict[str, float]
Gradient = Callable[[np.ndarray], tuple[float, np.ndarray]]


@dataclass(frozen=True)
class Fit:
    """A model's parameters, and how they came about.

    `values` are all None where nothing may be predicted. `cohort_month` is None but
    for sBG. A likelihood belongs to a fit by likelihood, residuals to a growth curve.
    """

    model: str
    values: dict[str, float | None]
    fit_status: str
    observation_count: int
    cohort_month: date | None = None
    log_likelihood: float | None = None
    residual_sum_of_squares: float | None = None
    is_converged: bool | None = False

    @property
    def is_usable(self) -> bool:
        """Whether there are parameters to predict with."""
        return self.fit_status in (FITTED, GIVEN)


def no_fit(
    model: str, fit_status: str, observation_count: int, cohort: date | None = None
) -> Fit:
    """A fit that failed: parameters without values."""
    values = dict.fromkeys(PARAMETERS[model])
    return Fit(model, values, fit_status, observation_count, cohort)


def given_fit(model: str, values: Parameters, observation_count: int) -> Fit:
    """Parameters that somebody has set: nothing was fitted, nothing could converge."""
    known = {name: float(values[name]) for name in PARAMETERS[model]}
    return Fit(model, known, GIVEN, observation_count, is_converged=None)


# The optimiser


def maximise(function: Gradient, count: int) -> np.ndarray | None:
    """Log-parameters of the maximum, climbed to from (1, …, 1); None if there is none.

    `function` returns value and gradient at log-parameters. Newton steps go uphill at
    most one at a time. They walk on where a likelihood only creeps up, until they are
    small or a parameter has run away.
    """
    logs = np.zeros(count)
    height, slope = function(logs)
    for _ in range(MAX_STEPS):
        curvature = _curvature(function, logs)
        highest = np.linalg.eigvalsh(curvature)[-1]
        is_peak = highest < 0
        if not is_peak:
            curvature = curvature - (highest + 1e-3) * np.eye(count)
        step = np.linalg.solve(-curvature, slope)
        step = step / max(np.abs(step).max(), 1)
        if np.abs(step).max() < SMALLEST_STEP:
            return logs if is_peak else None
        # A step too far is halved; what is lost by rounding is no loss.
        lowest = height - 1e-13 * abs(height)
        while function(logs + step)[0] < lowest and np.abs(step).max() > 1e-12:
            step = step / 2
        logs = logs + step
        if np.abs(logs).max() >= LOG_LIMIT:
            return None
        height, slope = function(logs)
    return None


def _curvature(function: Gradient, logs: np.ndarray, width: float = 1e-5) -> np.ndarray:
    """The Hessian, by differences of the gradient."""
    columns = [
        (function(logs + move)[1] - function(logs - move)[1]) / (2 * width)
        for move in width * np.eye(len(logs))
    ]
    hessian = np.array(columns)
    return (hessian + hessian.T) / 2


def _on_logs(
    likelihood: Callable[..., tuple[float, list[float]]], size: float
) -> Gradient:
    """A likelihood and its gradient per observation, as functions of the logs."""

    def function(logs: np.ndarray) -> tuple[float, np.ndarray]:
        parameters = np.exp(logs)
        value, gradient = likelihood(*parameters)
        return value / size, np.array(gradient) * parameters / size

    return function


# BG/NBD (V-21)


def fit_bg_nbd(
    x: Sequence[int], t_x: Sequence[float], age: Sequence[float], min_repeaters: int = 1
) -> Fit:
    """Maximum likelihood of BG/NBD over customers: repeats, recency, age in weeks."""
    x, t_x, age = (np.asarray(values, dtype=float) for values in (x, t_x, age))
    if (x > 0).sum() < max(min_repeaters, 1):
        return no_fit("bg_nbd", INSUFFICIENT, len(x))
    scale = LONGEST_TIME / age.max()
    scaled = (x, t_x * scale, age * scale)
    logs = maximise(_on_logs(lambda *p: _bg_nbd_likelihood(p, *scaled), len(x)), 4)
    if logs is None:
        return no_fit("bg_nbd", NOT_CONVERGED, len(x))
    r, alpha, a, b = np.exp(logs)
    best = (r, alpha / scale, a, b)
    return Fit(
        "bg_nbd",
        _named("bg_nbd", best),
        FITTED,
        len(x),
        log_likelihood=_bg_nbd_likelihood(best, x, t_x, age)[0],
        is_converged=True,
    )


def _named(model: str, values: Iterable[float]) -> Parameters:
    named = zip(PARAMETERS[model], values, strict=True)
    return {name: float(value) for name, value in named}


def bg_nbd_log_likelihood(parameters: Parameters, x, t_x, age) -> float:
    """LL of V-21 at the given parameters."""
    point = [parameters[name] for name in PARAMETERS["bg_nbd"]]
    arrays = (np.asarray(values, dtype=float) for values in (x, t_x, age))
    return _bg_nbd_likelihood(point, *arrays)[0]


def _bg_nbd_likelihood(point, x, t_x, age) -> tuple[float, list[float]]:
    r, alpha, a, b = point
    at_least_1 = np.maximum(x, 1)
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    a3 = -(r + x) * np.log(alpha + age)
    a4 = np.log(a) - np.log(b + at_least_1 - 1) - (r + x) * np.log(alpha + t_x)
    a4 = np.where(x > 0, a4, -np.inf)
    either = np.logaddexp(a3, a4)
    alive, gone = np.exp(a3 - either), np.exp(a4 - either)
    by_r = psi(r + x) - psi(r) + np.log(alpha)
    by_r = by_r - alive * np.log(alpha + age) - gone * np.log(alpha + t_x)
    by_alpha = r / alpha - (r + x) * (alive / (alpha + age) + gone / (alpha + t_x))
    by_a = psi(a + b) - psi(a + b + x) + gone / a
    by_b = psi(a + b) + psi(b + x) - psi(b) - psi(a + b + x)
    by_b = by_b - gone / (b + at_least_1 - 1)
    gradient = [part.sum() for part in (by_r, by_alpha, by_a, by_b)]
    return float((a1 + a2 + either).sum()), gradient


def alive_probability(parameters: Parameters, x, t_x, age) -> np.ndarray:
    """P(alive) of V-21; 1 without a repeat order."""
    return 1 / (1 + _odds_of_gone(parameters, x, t_x, age))


def _odds_of_gone(parameters: Parameters, x, t_x, age) -> np.ndarray:
    r, alpha, a, b = (parameters[name] for name in PARAMETERS["bg_nbd"])
    x, t_x, age = (np.asarray(values, dtype=float) for values in (x, t_x, age))
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    return np.where(x > 0, odds, 0.0)


def expected_orders(parameters: Parameters, x, t_x, age, weeks: float) -> np.ndarray:
    """E[Y(t) | x, t_x, T] of V-21: orders to come in the next `weeks`.

    Counted one by one: the next but j comes if he would order so often (negative
    binomial) and has not left after any of the j before it. The sum is the formula with
    2F1, without its differences of large terms.
    """
    r, alpha, a, b = (parameters[name] for name in PARAMETERS["bg_nbd"])
    x, age = np.asarray(x, dtype=float), np.asarray(age, dtype=float)
    quiet = (alpha + age) / (alpha + age + weeks)
    stays, orders, before = np.ones_like(quiet), np.zeros_like(quiet), 0
    while True:
        term = stays * betainc(before + 1, r + x, 1 - quiet)
        orders = orders + term
        if (term <= 1e-17 * orders).all():
            break
        stays = stays * (b + x + before) / (a + b + x + before)
        before += 1
    return orders / (1 + _odds_of_gone(parameters, x, t_x, age))


def expected_orders_of_a_new_customer(parameters: Parameters, weeks: float) -> float:
    """E[X(t)] of V-21: orders after the first of somebody nothing is known about."""
    return float(expected_orders(parameters, 0, 0, 0, weeks))


def orders_by_gauss(parameters: Parameters, x, age, weeks: float) -> np.ndarray:
    """E[Y(t)] of who is alive, by 2F1; of no use near a = 1 or z = 1."""
    r, alpha, a, b = (parameters[name] for name in PARAMETERS["bg_nbd"])
    x, age = np.asarray(x, dtype=float), np.asarray(age, dtype=float)
    z = weeks / (alpha + age + weeks)
    kept = (1 - z) ** (r + x) * gauss(r + x, b + x, a + b + x - 1, z)
    return (a + b + x - 1) / (a - 1) * (1 - kept)


def gauss(a, b, c, z) -> np.ndarray:
    """2F1(a, b; c; z), 0 <= z < 1, term by term: Σ (a)_k (b)_k / (c)_k · z^k / k!.

    Near 1, where the terms do not get smaller for long, it is scipy's.
    """
    a, b, c, z = np.broadcast_arrays(
        *(np.asarray(v, dtype=float) for v in (a, b, c, z))
    )
    total = np.array(hyp2f1(a, b, c, z))
    summed = z <= 0.99
    a, b, c, z = (values[summed] for values in (a, b, c, z))
    term, sums, k = np.ones_like(z), np.ones_like(z), 0
    while term.size and (np.abs(term) > 1e-18 * np.abs(sums)).any():
        term = term * ((a + k) * (b + k) / ((c + k) * (k + 1)) * z)
        sums = sums + term
        k += 1
    total[summed] = sums
    return total


# Gamma-Gamma (V-22)


def fit_gamma_gamma(
    x: Sequence[int], amount: Sequence[float], min_repeaters: int = 1
) -> Fit:
    """Maximum likelihood of Gamma-Gamma: repeats, and their mean amount.

    Customers without a repeat order or without money in it take no part.
    """
    pairs = [(n, m) for n, m in zip(x, amount, strict=True) if n > 0 and m > 0]
    if len(pairs) < max(min_repeaters, 1):
        return no_fit("gamma_gamma", INSUFFICIENT, len(pairs))
    x, amount = np.array(pairs, dtype=float).T
    scale = 1 / amount.mean()
    likelihood = _on_logs(
        lambda *point: _gamma_gamma_likelihood(point, x, amount * scale), len(x)
    )
    logs = maximise(likelihood, 3)
    if logs is None:
        return no_fit("gamma_gamma", NOT_CONVERGED, len(x))
    p, q, v = np.exp(logs)
    best = (p, q, v / scale)
    return Fit(
        "gamma_gamma",
        _named("gamma_gamma", best),
        FITTED,
        len(x),
        log_likelihood=_gamma_gamma_likelihood(best, x, amount)[0],
        is_converged=True,
    )


def gamma_gamma_log_likelihood(parameters: Parameters, x, amount) -> float:
    """LL of V-22 at the given parameters; every amount above 0."""
    point = [parameters[name] for name in PARAMETERS["gamma_gamma"]]
    arrays = (np.asarray(values, dtype=float) for values in (x, amount))
    return _gamma_gamma_likelihood(point, *arrays)[0]


def _gamma_gamma_likelihood(point, x, m) -> tuple[float, list[float]]:
    p, q, v = point
    px, total = p * x, x * m + v
    value = (
        gammaln(px + q)
        - gammaln(px)
        - gammaln(q)
        + q * np.log(v)
        + (px - 1) * np.log(m)
        + px * np.log(x)
        - (px + q) * np.log(total)
    )
    by_p = x * (psi(px + q) - psi(px) + np.log(x * m) - np.log(total))
    by_q = psi(px + q) - psi(q) + np.log(v) - np.log(total)
    by_v = q / v - (px + q) / total
    return float(value.sum()), [part.sum() for part in (by_p, by_q, by_v)]


def expected_amount(parameters: Parameters, x: int, amount: float) -> float | None:
    """E[M | x, m] of V-22; None if the population has no finite mean."""
    p, q, v = (parameters[name] for name in PARAMETERS["gamma_gamma"])
    if q <= 1:
        return None
    population = v * p / (q - 1)
    if x == 0 or not amount:
        return population
    own = p * x / (p * x + q - 1)
    return (1 - own) * population + own * amount


def correlation(x: Sequence[int], amount: Sequence[float]) -> float | None:
    """Pearson's between repeats and their mean amount, over those fitted on."""
    pairs = [(n, m) for n, m in zip(x, amount, strict=True) if n > 0 and m > 0]
    if len({n for n, _ in pairs}) < 2 or len({m for _, m in pairs}) < 2:
        return None
    return float(np.corrcoef(np.array(pairs, dtype=float).T)[0, 1])


# sBG (V-24)


def fit_sbg(
    size: int,
    survivors: Sequence[int],
    cohort: date | None = None,
    min_periods: int = 1,
) -> Fit:
    """Maximum likelihood of sBG: those of `size` left after the periods 1, 2, …, n."""
    if len(survivors) < max(min_periods, 1):
        return no_fit("sbg", INSUFFICIENT, size, cohort)
    lost = -np.diff(np.array([size, *survivors], dtype=float))
    logs = maximise(
        _on_logs(lambda *p: _sbg_likelihood(p, lost, survivors[-1]), size), 2
    )
    if logs is None:
        return no_fit("sbg", NOT_CONVERGED, size, cohort)
    best = np.exp(logs)
    return Fit(
        "sbg",
        _named("sbg", best),
        FITTED,
        size,
        cohort,
        log_likelihood=_sbg_likelihood(best, lost, survivors[-1])[0],
        is_converged=True,
    )


def _sbg_likelihood(point, lost: np.ndarray, left: int) -> tuple[float, list[float]]:
    alpha, beta = point
    n = len(lost)
    t = np.arange(1, n + 1)
    start = betaln(alpha, beta)
    value = lost @ (betaln(alpha + 1, beta + t - 1) - start)
    value += left * (betaln(alpha, beta + n) - start)
    both = psi(alpha + beta)
    by_alpha = lost @ (psi(alpha + 1) - psi(alpha + beta + t) - psi(alpha) + both)
    by_alpha += left * (both - psi(alpha + beta + n))
    by_beta = lost @ (psi(beta + t - 1) - psi(alpha + beta + t) - psi(beta) + both)
    by_beta += left * (psi(beta + n) - psi(alpha + beta + n) - psi(beta) + both)
    return float(value), [by_alpha, by_beta]


def sbg_retention(parameters: Parameters, period: int) -> float:
    """r_t: the share of those left after t - 1 periods who are left after t."""
    alpha, beta = parameters["alpha"], parameters["beta"]
    return (beta + period - 1) / (alpha + beta + period - 1)


def sbg_survival(parameters: Parameters, period: int) -> float:
    """S(t), the product of the retention of every period up to t."""
    survival = 1.0
    for earlier in range(1, period + 1):
        survival *= sbg_retention(parameters, earlier)
    return survival


def residual_periods(
    parameters: Parameters, renewals: int, discount: float
) -> float | None:
    """DERL after so many renewals: Σ_j S(n + 1 + j) / S(n) / (1 + d)^j.

    Without a discount it is (beta + n) / (alpha - 1), or None where that is infinite.
    """
    alpha, beta = parameters["alpha"], parameters["beta"]
    if discount == 0:
        return (beta + renewals) / (alpha - 1) if alpha > 1 else None
    total, term, period = 0.0, 1.0, renewals + 1
    while term > 1e-18 * total:
        term *= sbg_retention(parameters, period)
        total += term
        term /= 1 + discount
        period += 1
    return total


# Growth curves (G-10)


def fit_curve(model: str, sizes: Sequence[float], min_periods: int = 3) -> Fit:
    """Least squares of a growth curve over the periods t = 0, 1, 2, …

    The curve's height follows from its shape; the shape is searched from a few fixed
    starts, because squares have more than one valley, and the deepest one counts.
    """
    if len(sizes) < max(min_periods, 3):
        return no_fit(model, INSUFFICIENT, len(sizes))
    highest = float(max(sizes))
    if highest <= 0:
        return no_fit(model, NOT_CONVERGED, len(sizes))
    y = np.asarray(sizes, dtype=float) / highest
    t = np.arange(len(y), dtype=float)

    def values_of(numbers):
        with np.errstate(over="ignore"):
            return curve(model, [1.0, *_shape(model, numbers)], t)

    def height_of(values):
        return (y @ values) / max(values @ values, 1e-300)

    def misses_of_shape(numbers):
        values = values_of(numbers)
        return height_of(values) * values - y

    def misses_of_all(numbers):
        return np.exp(min(numbers[0], 300)) * values_of(numbers[1:]) - y

    starts = _starts(model, len(y))
    valleys = [_descend(misses_of_shape, start) for start in starts]
    shape = min(valleys, key=lambda valley: valley.cost).x
    height = max(height_of(values_of(shape)), 1e-300)
    whole = _descend(misses_of_all, [np.log(height), *shape])
    parameters = [np.exp(whole.x[0]), *_shape(model, whole.x[1:])]
    if not _is_valley(model, whole):
        return no_fit(model, NOT_CONVERGED, len(sizes))
    parameters[0] *= highest
    with np.errstate(over="ignore"):
        misses = curve(model, parameters, t) - np.asarray(sizes, dtype=float)
    return Fit(
        model,
        _named(model, parameters),
        FITTED,
        len(sizes),
        residual_sum_of_squares=float(misses @ misses),
        is_converged=True,
    )


def _descend(misses: Callable[[np.ndarray], np.ndarray], start: Sequence[float]):
    return least_squares(misses, start, method="lm", xtol=1e-14, ftol=1e-14, gtol=1e-14)


def _shape(model: str, numbers) -> tuple[float, float]:
    """The two parameters beside the height: logs, but for the midpoint t0."""
    first, second = np.asarray(numbers, dtype=float).clip(-300, 300)
    return np.exp(first), second if model == "logistic" else np.exp(second)


def _starts(model: str, periods: int) -> list[tuple[float, float]]:
    speeds = np.log([0.03, 0.1, 0.3, 1.0])
    if model == "logistic":
        return [(s, m * periods) for s in speeds for m in (0.0, 0.5, 1.0, 1.5)]
    if model == "gompertz":
        return [(np.log(b), s) for s in speeds for b in (1.0, 3.0, 10.0, 100.0)]
    return [(p, q) for p in speeds - 2 for q in speeds]


def _is_valley(model: str, result) -> bool:
    """Whether the squares rise in every direction, and no parameter has run away."""
    logs = result.x[:2] if model == "logistic" else result.x
    if not np.isfinite(result.x).all() or np.abs(logs).max() >= LOG_LIMIT:
        return False
    spread = np.linalg.svd(result.jac, compute_uv=False)
    return result.success and spread[-1] > 1e-6 * spread[0]


def curve(model: str, parameters: Sequence[float], t) -> np.ndarray:
    """N(t) of a growth curve, parameters in the order of PARAMETERS."""
    t = np.asarray(t, dtype=float)
    height, first, second = parameters
    if model == "logistic":
        return height / (1 + np.exp(-first * (t - second)))
    if model == "gompertz":
        return height * np.exp(-first * np.exp(-second * t))
    decay = np.exp(-(first + second) * t)
    return height * (1 - decay) / (1 + second / first * decay)


def inflection(fit: Fit) -> float:
    """The time of the fastest growth."""
    values = fit.values
    if fit.model == "logistic":
        return values["t0"]
    if fit.model == "gompertz":
        return float(np.log(values["b"]) / values["k"])
    p, q = values["p"], values["q"]
    return float(np.log(q / p) / (p + q))
