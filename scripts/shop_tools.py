"""What the shop model is built from: dice, a business clock, Arrow columns.

Time is whole seconds since the first day of the shop, money is whole cents.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DAY, HOUR, MINUTE = 86_400, 3_600, 60

# Demand by weekday (Monday first), month and hour of the day.
WEEKDAYS = np.array([0.90, 0.86, 0.86, 0.92, 1.02, 1.26, 1.18])
MONTHS = np.array([1, 0.92, 0.96, 0.97, 1, 1.04, 0.95, 0.90, 1, 1.04, 1.28, 1.35])
HOURS = [3, 2, 1, 1, 1, 2, 4, 6, 7, 8, 8, 8, 9, 8, 7, 7, 8, 9, 10, 12, 14, 13, 10, 6]


class Dice:
    """Random numbers of one stream.

    Only uniform ones are drawn and the other distributions derived from them, because
    numpy keeps those the same from version to version, and not the others.
    """

    def __init__(self, *seed):
        self.random = np.random.Generator(np.random.PCG64(list(seed))).random

    def below(self, bound, count):
        """Whole numbers from 0 up to, not including, bound (a number or array)."""
        return (self.random(count) * bound).astype(np.int64)

    def pick(self, weights, count):
        """Indexes into weights, each as often as its weight says."""
        shares = np.cumsum(weights) / np.sum(weights)
        return np.minimum(np.searchsorted(shares, self.random(count)), len(shares) - 1)

    def chance(self, share, count):
        """True with this probability (a number or array)."""
        return self.random(count) < share

    def lognormal(self, sigma, count):
        """Positive numbers around 1 with a heavy tail."""
        radius = np.sqrt(-2 * np.log1p(-self.random(count)))
        return np.exp(sigma * radius * np.cos(2 * np.pi * self.random(count)))

    def counts(self, wish, mean):
        """Whole numbers in proportion to wish, with this mean; no giants."""
        wish = np.minimum(wish, 25 * wish.mean())
        scale = mean / max(wish.mean(), 1e-9)
        return (wish * scale + self.random(len(wish))).astype(np.int64)


def clock(shop, launch, bad_week):
    """Business time at each midnight, in average days.

    Busy days are long on this clock, so activity spread evenly over it follows
    weekday, season, the launch and the bad week.
    """
    days = np.datetime64(shop.first_day) + np.arange(shop.days)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weight = WEEKDAYS[weekday] * MONTHS[month]
    weight[shop.launch_day : shop.launch_day + 3] *= np.array([1, 0.5, 0.3]) * launch
    weight[shop.bad_week : shop.bad_week + 7] *= bad_week
    return np.concatenate([[0], np.cumsum(weight) * shop.days / weight.sum()])


def time_left(ticks, start):
    """Business time from `start` (seconds since the first day) to the end."""
    return ticks[-1] - np.interp(start / DAY, np.arange(len(ticks)), ticks)


def moments(dice, ticks, start, stay):
    """Instants at or after `start`, ever fewer: on average `stay` days later."""
    count, left = len(start), time_left(ticks, start)
    passed = -stay * np.log1p(dice.random(count) * np.expm1(-left / stay))
    day = np.searchsorted(ticks, ticks[-1] - left + passed, side="right") - 1
    day = np.clip(day, 0, len(ticks) - 2)
    at = day * DAY + dice.pick(HOURS, count) * HOUR + dice.below(HOUR, count)
    return np.where(at < start, start + dice.below(HOUR, count), at)


def names(prefix, numbers, width=7):
    """Ids such as u0000042."""
    digits = pc.cast(pa.array(numbers), pa.string())
    return pc.binary_join_element_wise(prefix, pc.utf8_lpad(digits, width, "0"), "")


def words(codes, vocabulary):
    """The words with these codes; a negative code is null."""
    indices = pa.array(codes.astype(np.int32), mask=codes < 0)
    return pa.DictionaryArray.from_arrays(indices, vocabulary).cast(pa.string())


def chosen(codes, where):
    """The codes where chosen, elsewhere -1, which stands for null."""
    return np.where(where, codes, -1)


def instants(shop, seconds, given=True):
    """Timestamps from seconds since the first day; null where not given."""
    epoch = np.datetime64(shop.first_day, "s").astype(np.int64)
    missing = ~np.broadcast_to(given, len(seconds))
    return pa.array((seconds + epoch) * 1_000_000, pa.timestamp("us"), mask=missing)


def cents(amounts, given=True):
    """Two-decimal numbers from whole cents; null where not given."""
    missing = ~np.broadcast_to(given, len(amounts))
    wide = pa.array(amounts, pa.int64(), mask=missing).cast(pa.decimal128(19, 0))
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(wide), wide.buffers())
