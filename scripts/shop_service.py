"""How the generated shop looks after its customers: messages, costs, surveys,
promotions, identities, experiments, points and deals, as Arrow tables.

Time is whole seconds since the first day of the shop, money is whole cents.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from shop_tools import DAY, HOUR, Dice, cents, chosen, instants, names, words

# Channel of a message: its cost in cents, and its share of the news.
CONTACT_CHANNELS = {
    "push": (0, 20),
    "sms": (5, 0),
    "email": (1, 45),
    "popup": (0, 10),
    "one_to_one": (150, 5),
    "community": (10, 8),
    "official_account": (2, 12),
}
CONTACT_COSTS, NEWS_SHARES = np.array(list(CONTACT_CHANNELS.values())).T
PUSH, SMS = 0, 1
CONTACT_CAMPAIGNS = ["news", "sale", "wake_up"]
NEWS, SALE, WAKE_UP = range(3)
# A message about having been away goes out after so many days, and once more.
QUIET_DAYS, SECOND_STEP_DAYS = 25, 7

# Type of a cost: share of the rows of single customers, and usual cents.
COST_TYPES = {
    "service": (35, 900),
    "coupon": (25, 500),
    "points": (15, 150),
    "message": (10, 20),
    "other": (15, 300),
    "platform": (0, 0),
    "referral_reward": (0, 2_000),
}
COST_NAMES = list(COST_TYPES)
COST_SHARES, COST_CENTS = np.array(list(COST_TYPES.values())).T
SERVICE, PLATFORM = COST_NAMES.index("service"), COST_NAMES.index("platform")
REWARD = COST_NAMES.index("referral_reward")

SURVEYS = ["rating", "nps", "share_of_wallet", "kano"]
RATING, NPS, WALLET, KANO = range(4)
NPS_SHARES = [2, 1, 2, 3, 4, 8, 10, 16, 22, 18, 14]
# Feature: how often its presence and its absence are answered 1 like ... 5 dislike.
FEATURES = {
    "fast_delivery": ([62, 14, 14, 7, 3], [3, 5, 14, 20, 58]),
    "secure_payment": ([18, 52, 20, 7, 3], [2, 3, 10, 13, 72]),
    "gift_wrapping": ([66, 8, 16, 8, 2], [4, 8, 56, 26, 6]),
    "dark_mode": ([12, 6, 64, 14, 4], [4, 6, 70, 16, 4]),
    "video_calls": ([5, 4, 16, 25, 50], [52, 12, 22, 10, 4]),
}

EXPERIMENTS = ["free_delivery", "new_checkout"]
VARIANTS = ["control", "treatment"]
POINT_TYPES = ["earn", "burn", "expire"]
POINT_REASONS = ["purchase", "reward", "end_of_year"]
STAGES = ["lead", "qualified", "proposal", "negotiation", "won", "lost"]
WON, LOST = STAGES.index("won"), STAGES.index("lost")

# Promotion: type, first day as a share of the span, days (0: open end), parameters.
PROMOTIONS = {
    "launch": ("threshold", 0.47, 3, {"threshold_amount": 100, "value_amount": 10}),
    "threshold_50": ("threshold", 0, 0, {"threshold_amount": 50, "value_amount": 20}),
    "group_buy": ("group_buy", 0, 0, {"discount_rate": 0.5, "min_group_size": 3}),
    "bring_a_friend": ("referral_coupon", 0, 0, {"value_amount": 20}),
    "try_a_week": ("trial", 0.3, 60, {"trial_days": 7}),
    "show_and_tell": ("ugc_points", 0.5, 14, {}),
    "early_summer": ("threshold", 0.9, 7, {"threshold_amount": 80, "value_amount": 8}),
    # Planned for after the last day.
    "autumn": ("threshold", 1.1, 3, {"threshold_amount": 120, "value_amount": 15}),
}


def some_time(shop, dice, start):
    """Instants between each start and the end of the shop, by day."""
    day = start // DAY + dice.below(shop.days - start // DAY, len(start))
    return np.maximum(day * DAY + office_hours(dice, len(start)), start)


def office_hours(dice, count):
    """Seconds of the day, from 09:00 to 20:00."""
    return 9 * HOUR + dice.below(11 * HOUR, count)


def joined(parts):
    """The parts, dicts of the same arrays, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def make_contacts(shop, dice, crowd, visits, first):
    """Messages by time: to customers who have gone quiet, and news to everybody."""
    rows = joined([wake_ups(shop, dice, crowd, visits), news(shop, dice, crowd)])
    order = np.argsort(rows["at"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    at, step, count = rows["at"], rows["step"], len(rows["at"])
    cost = CONTACT_COSTS[rows["channel"]]
    is_opened = dice.chance(0.4, count)
    opened_at = at + dice.below(2 * DAY, count)
    is_clicked = is_opened & dice.chance(0.35, count)
    return {
        "contact_id": names("n", first + np.arange(count), 8),
        "user_id": words(rows["who"], crowd["ids"]),
        "channel": words(rows["channel"], list(CONTACT_CHANNELS)),
        "sent_at": instants(shop, at),
        "campaign": words(rows["campaign"], CONTACT_CAMPAIGNS),
        "plan_code": words(chosen(np.zeros(count, np.int64), step > 0), ["wake_up"]),
        "step_number": pa.array(step, mask=step == 0),
        "cost": cents(cost, (cost > 0) | dice.chance(0.5, count)),
        "opened_at": instants(shop, opened_at, is_opened),
        "clicked_at": instants(shop, opened_at + dice.below(HOUR, count), is_clicked),
    }


def wake_ups(shop, dice, crowd, visits):
    """A push, and a text message a week later, to who has not logged in for long."""
    everybody = np.arange(len(crowd["at"]))
    who = np.concatenate([everybody, visits["who"]])
    at = np.concatenate([crowd["at"], visits["at"]])
    order = np.lexsort((at, who))
    who, at = who[order], at[order]
    is_last = np.diff(who, append=-1) != 0
    until = np.where(is_last, shop.days * DAY, np.roll(at, -1))

    away = np.flatnonzero((until - at > 32 * DAY) & dice.chance(0.7, len(at)))
    count = len(away)
    day = at[away] // DAY + QUIET_DAYS + dice.below(20, count)
    # Some messages have the luck to go out just before the customer comes back.
    is_lucky = ~is_last[away] & dice.chance(0.35, count)
    day = np.where(is_lucky, until[away] // DAY - dice.below(9, count), day)
    sent = np.maximum(day * DAY + office_hours(dice, count), at[away])
    again = sent + SECOND_STEP_DAYS * DAY
    gets_second = (again < until[away]) & dice.chance(0.5, count)
    steps = [
        (away, sent, PUSH, 1, sent < shop.days * DAY),
        (away, again, SMS, 2, gets_second),
    ]
    return joined(
        [
            {
                "who": who[row[where]],
                "at": when[where],
                "channel": np.full(where.sum(), channel),
                "campaign": np.full(where.sum(), WAKE_UP),
                "step": np.full(where.sum(), step),
            }
            for row, when, channel, step, where in steps
        ]
    )


def news(shop, dice, crowd):
    """Two messages per customer that nobody had to wait for."""
    count = 2 * len(crowd["at"])
    who = dice.below(len(crowd["at"]), count)
    return {
        "who": who,
        "at": some_time(shop, dice, crowd["at"][who]),
        "channel": dice.pick(NEWS_SHARES, count),
        "campaign": np.where(dice.chance(0.6, count), NEWS, SALE),
        "step": np.zeros(count, np.int64),
    }


def make_shared_costs(shop):
    """What the whole shop costs: the platform every month, service every week."""
    dice = Dice(shop.seed, 4)
    days = np.datetime64(shop.first_day, "D") + np.arange(shop.days)
    is_first_of_month = days == days.astype("datetime64[M]")
    is_monday = (days.astype(np.int64) + 3) % 7 == 0
    day = np.concatenate([np.flatnonzero(is_first_of_month), np.flatnonzero(is_monday)])
    kind = np.where(np.arange(len(day)) < is_first_of_month.sum(), PLATFORM, SERVICE)
    order = np.argsort(day, kind="stable")
    day, kind = day[order], kind[order]
    usual = shop.customers * np.where(kind == PLATFORM, 40, 15)
    amount = (usual * (0.8 + 0.4 * dice.random(len(day)))).astype(np.int64)
    return {
        "cost_id": names("cs", 1 + np.arange(len(day)), 6),
        "cost_date": pc.cast(instants(shop, day * DAY), pa.date32()),
        "cost_type": words(kind, COST_NAMES),
        "amount": cents(amount),
    }


def make_costs(shop, dice, crowd, referrals, first):
    """What single customers cost, and the rewards both sides of a referral get."""
    count = round(0.8 * len(crowd["at"]))
    who = dice.below(len(crowd["at"]), count)
    kind = dice.pick(COST_SHARES, count)
    amount = (COST_CENTS[kind] * (0.5 + dice.random(count))).astype(np.int64)
    is_accepted = pc.is_valid(referrals["accepted_at"])
    accepted_at = referrals["accepted_at"].filter(is_accepted)
    rewards = 2 * len(accepted_at)
    dates = pa.concat_arrays(
        [instants(shop, some_time(shop, dice, crowd["at"][who]))] + 2 * [accepted_at]
    )
    users = pa.concat_arrays(
        [words(who, crowd["ids"])]
        + [
            referrals[side].filter(is_accepted)
            for side in ("referrer_id", "referee_id")
        ]
    )
    kinds = np.concatenate([kind, np.full(rewards, REWARD)])
    amounts = np.concatenate([amount, np.full(rewards, COST_CENTS[REWARD])])
    return {
        "cost_id": names("c", first + np.arange(count + rewards), 8),
        "cost_date": pc.cast(pc.floor_temporal(dates, unit="day"), pa.date32()),
        "cost_type": words(kinds, COST_NAMES),
        "amount": cents(amounts),
        "user_id": users,
    }


def make_responses(shop, dice, crowd, order_ids, bought, first):
    """Answers to surveys by time: about orders, the shop, other shops, features."""
    rows = joined(
        [
            ratings(shop, dice, bought),
            opinions(shop, dice, crowd, NPS, 0.35),
            opinions(shop, dice, crowd, WALLET, 0.4),
            kano_answers(shop, dice, crowd),
        ]
    )
    order = np.argsort(rows["at"], kind="stable")
    rows = {name: values[order] for name, values in rows.items()}
    survey, count = rows["survey"], len(rows["at"])
    is_kano = survey == KANO
    importance = 1 + dice.below(9, count)
    has_importance = is_kano & dice.chance(0.8, count)
    respondents = names("k", crowd["number"])
    return {
        "response_id": names("q", first + np.arange(count), 8),
        "survey_type": words(survey, SURVEYS),
        "user_id": words(rows["who"], crowd["ids"]),
        "respondent_id": words(rows["respondent"], respondents),
        "responded_at": instants(shop, rows["at"]),
        "feature_code": words(rows["feature"], list(FEATURES)),
        "functional_answer": pa.array(rows["with"], mask=~is_kano),
        "dysfunctional_answer": pa.array(rows["without"], mask=~is_kano),
        "self_importance": pa.array(importance, mask=~has_importance),
        "score": cents(rows["score"], ~is_kano),
        "order_id": words(rows["order"], order_ids),
    }


def answers(at, survey, **given):
    """Rows of one survey; what is not given is null."""
    missing = np.full(len(at), -1)
    usual = dict.fromkeys(
        ("who", "respondent", "feature", "with", "without", "score", "order"), missing
    )
    return {"at": at, "survey": np.full(len(at), survey)} | usual | given


def ratings(shop, dice, bought):
    """One order in sixteen is rated after its delivery, worse in the bad week."""
    count = len(bought["at"])
    at = bought["delivered_at"] + dice.below(5 * DAY, count)
    is_rated = bought["by_customer"] & dice.chance(0.06, count)
    score = np.where(
        bought["is_bad"], dice.below(4, count), dice.pick([3, 5, 12, 35, 45], count)
    )
    row = np.flatnonzero(is_rated & (at < shop.days * DAY))
    return answers(
        at[row], RATING, who=bought["who"][row], score=100 * (1 + score[row]), order=row
    )


def opinions(shop, dice, crowd, survey, per_customer):
    """How likely customers recommend the shop, or what share of their money it gets."""
    count = round(per_customer * len(crowd["at"]))
    who = dice.below(len(crowd["at"]), count)
    score = (
        100 * dice.pick(NPS_SHARES, count) if survey == NPS else dice.below(101, count)
    )
    return answers(
        some_time(shop, dice, crowd["at"][who]), survey, who=who, score=score
    )


def kano_answers(shop, dice, crowd):
    """One in sixteen is asked about every feature, customers and passers-by alike."""
    count = len(crowd["at"]) // 16
    who = dice.below(len(crowd["at"]), count)
    is_customer = dice.chance(0.6, count)
    at = some_time(shop, dice, crowd["at"][who])
    return joined(
        [
            answers(
                at + number,
                KANO,
                who=chosen(who, is_customer),
                respondent=who,
                feature=np.full(count, number),
                **{
                    "with": 1 + dice.pick(present, count),
                    "without": 1 + dice.pick(absent, count),
                },
            )
            for number, (present, absent) in enumerate(FEATURES.values())
        ]
    )


def make_promotions(shop):
    """The calendar of promotions, one of them planned."""
    kinds, shares, days, parameters = zip(*PROMOTIONS.values(), strict=True)
    start = (shop.days * np.array(shares)).astype(np.int64) * DAY
    length = np.array(days) * DAY
    columns = {
        "promotion_id": pa.array(list(PROMOTIONS)),
        "promotion_type": pa.array(kinds),
        "starts_at": instants(shop, start),
        "ends_at": instants(shop, start + length - 1, length > 0),
    }
    for name in ("threshold_amount", "value_amount", "discount_rate"):
        given = np.array([of.get(name, -1) for of in parameters])
        amount = np.rint(100 * given).astype(np.int64)
        columns[name] = cents(amount, given >= 0)
    for name in ("min_group_size", "trial_days"):
        columns[name] = pa.array([of.get(name) for of in parameters], pa.int64())
    return columns


def make_identities(shop, dice, crowd):
    """Every e-mail and device, and what shows that accounts or visits are one person.

    A second account has the phone of the customer before; who was found to have been
    an anonymous visitor has the visitor's id.
    """
    count = len(crowd["at"])
    everybody = np.arange(count)
    again = np.flatnonzero(dice.chance(shop.linked, count) & (everybody > 0))
    found = np.flatnonzero(dice.chance(shop.linked, count))
    using = np.flatnonzero(dice.chance(0.3, count))
    emails = pc.binary_join_element_wise(crowd["ids"], "@example.com", "")
    parts = [
        ("email", everybody, emails),
        ("device", using, names("d", crowd["number"][using])),
        ("phone", again, names("+1 555 ", crowd["number"][again] - 1)),
        ("anonymous", found, names("a", crowd["number"][found])),
    ]
    who = np.concatenate([row for _, row, _ in parts])
    kind = np.repeat(np.arange(len(parts)), [len(row) for _, row, _ in parts])
    at = crowd["at"][who] + dice.below(HOUR, len(who))
    return {
        "user_id": words(who, crowd["ids"]),
        "id_type": words(kind, [id_type for id_type, _, _ in parts]),
        "id_value": pa.concat_arrays([values for *_, values in parts]),
        "linked_at": instants(shop, at),
        "is_verified": pa.array(
            np.ones(len(who), bool), mask=dice.chance(0.5, len(who))
        ),
    }


def make_assignments(shop, dice, crowd):
    """Two experiments, each with a third of the customers, half in each variant."""
    count = len(crowd["at"])
    who = np.tile(np.arange(count), 2)
    experiment = np.repeat([0, 1], count)
    at = some_time(shop, dice, crowd["at"][who])
    variant = dice.below(2, 2 * count)
    row = np.flatnonzero(dice.chance(1 / 3, 2 * count))
    return {
        "experiment_id": words(experiment[row], EXPERIMENTS),
        "user_id": words(who[row], crowd["ids"]),
        "variant": words(variant[row], VARIANTS),
        "assigned_at": instants(shop, at[row]),
    }


def make_points(shop, dice, crowd):
    """Half of the customers earn points, some of these spend or lose a part of them."""
    count = len(crowd["at"])
    earned = 10 + dice.below(490, count)
    start = some_time(shop, dice, crowd["at"])
    later = some_time(shop, dice, start)
    taken = (earned * dice.random(count)).astype(np.int64)
    kind = 1 + dice.below(2, count)
    has = dice.chance(0.5, count)
    takes = has & dice.chance(0.4, count) & (taken > 0)
    first, then = np.flatnonzero(has), np.flatnonzero(takes)
    who = np.concatenate([first, then])
    kinds = np.concatenate([np.zeros(len(first), np.int64), kind[then]])
    numbers = 2 * crowd["number"][who] + (kinds > 0)
    points = np.concatenate([earned[first], taken[then]])
    return {
        "entry_id": names("t", numbers, 8),
        "user_id": words(who, crowd["ids"]),
        "entry_at": instants(shop, np.concatenate([start[first], later[then]])),
        "entry_type": words(kinds, POINT_TYPES),
        "points": cents(100 * points),
        "reason": words(kinds, POINT_REASONS),
    }


def make_deals(shop, dice, crowd):
    """One customer in twenty is a company with a deal: stage by stage, won or lost."""
    count = len(crowd["at"])
    who = np.flatnonzero(dice.chance(0.05, count))
    start = some_time(shop, dice, crowd["at"][who])
    amount = 50_000 + dice.below(2_000_000, len(who))
    depth = 1 + dice.below(4, len(who))
    ends = dice.chance(0.7, len(who))
    end = np.where(dice.chance(0.4, len(who)), WON, LOST)
    parts = []
    for stage in range(4):
        wait = stage * 5 * DAY + dice.below(4 * DAY, len(who))
        parts.append(
            {
                "row": np.arange(len(who)),
                "stage": np.full(len(who), stage),
                "at": start + wait,
                "keep": depth > stage,
            }
        )
    wait = depth * 5 * DAY + dice.below(4 * DAY, len(who))
    parts.append(
        {"row": np.arange(len(who)), "stage": end, "at": start + wait, "keep": ends}
    )
    rows = joined(parts)
    keep = rows.pop("keep") & (rows["at"] < shop.days * DAY)
    row, stage, at = (rows[name][keep] for name in ("row", "stage", "at"))
    deals = names("deal", crowd["number"][who])
    companies = names("Company ", crowd["number"][who])
    return {
        "deal_id": words(row, deals),
        "stage_code": words(stage, STAGES),
        "entered_at": instants(shop, at),
        "amount": cents(amount[row]),
        "user_id": words(who[row], crowd["ids"]),
        "account_name": words(row, companies),
        "owner": names("sales_", row % 5, 1),
    }
