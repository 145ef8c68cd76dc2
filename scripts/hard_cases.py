"""The hard cases of the sample shop, each planted by name.

A case is a function that adds rows to the raw inputs. Its name is in every id it
plants: the case idle_30 is customer hc_idle_30, whose orders are hc_idle_30_o1, ...
Days are counted from the last day of the sample (-30 is 30 days before it); a text
in place of a day is written to the csv as it stands.

Users register at 09:00, everything else happens at 12:00 unless the case says so.
Rows meant to be refused for being in the future are dated 2999, so that they never
move the last day.
"""

from datetime import timedelta

CASES = {}


def case(build):
    """Register a case under the name of its function."""
    CASES[build.__name__] = build
    return build


class Rows:
    """Collects the rows of one case; amounts and numbers may be given as text.

    Every method takes `who`, which tells several customers of a case apart, and
    columns of the input that differ from the usual.
    """

    def __init__(self, name, last_day):
        self.name = f"hc_{name}"
        self.last_day = last_day
        self.rows = []

    def id(self, who=""):
        """The user id of the case, or of one of its customers."""
        return f"{self.name}_{who}" if str(who) else self.name

    def at(self, day, time="12:00:00"):
        """A day of the sample as timestamp; a text stays as it is."""
        if isinstance(day, str):
            return day
        return f"{self.last_day + timedelta(day)} {time}"

    def add(self, input_name, more, **usual):
        """Add a row: the usual columns, then those that differ."""
        record = {name: str(value) for name, value in (usual | more).items()}
        self.rows.append((input_name, record))
        return record

    def next_id(self, input_name, letter):
        """An id such as hc_idle_30_o1, counting the rows of the input so far."""
        count = sum(1 for name, _ in self.rows if name == input_name)
        return f"{self.name}_{letter}{count + 1}"

    def user(self, day=-200, who="", time="09:00:00", **more):
        self.add(
            "users",
            more,
            user_id=self.id(who),
            registered_at=self.at(day, time),
            channel="organic",
            email=f"{self.id(who)}@example.com",
        )

    def login(self, day, who="", time="12:00:00", **more):
        self.add(
            "logins",
            more,
            login_id=self.next_id("logins", "l"),
            user_id=self.id(who),
            login_at=self.at(day, time),
            device="web",
            app="shop",
        )

    def logins(self, first_day, count):
        """That many logins from the first day on, four a day."""
        for number in range(count):
            self.login(first_day + number // 4, time=f"{8 + number % 4:02}:00:00")

    def order(self, day, gross="60.00", who="", time="12:00:00", **more):
        """Returns the id of the order."""
        record = self.add(
            "orders",
            more,
            order_id=self.next_id("orders", "o"),
            user_id=self.id(who),
            ordered_at=self.at(day, time),
            status="completed",
            gross_amount=gross,
            category="home",
            currency="USD",
            store="online",
        )
        return record["order_id"]

    def item(self, order_id, **more):
        self.add(
            "order_items",
            more,
            order_id=order_id,
            line_number=1,
            item_id="p001",
            quantity=1,
            unit_price="60.00",
            unit_cost="30.00",
            category="home",
        )

    def refund(self, order_id, day, amount, time="13:00:00", **more):
        self.add(
            "refunds",
            more,
            refund_id=self.next_id("refunds", "r"),
            order_id=order_id,
            refunded_at=self.at(day, time),
            amount=amount,
            reason="changed_mind",
        )

    def event(self, name, day, who="", time="12:00:00", **more):
        self.add(
            "events",
            more,
            event_id=self.next_id("events", "e"),
            user_id=self.id(who),
            event_name=name,
            event_at=self.at(day, time),
        )

    def referral(self, referrer, referee, invited, accepted, **more):
        """The accepted day may be an empty text: a pending invitation."""
        self.add(
            "referrals",
            more,
            referral_id=self.next_id("referrals", "i"),
            referrer_id=self.id(referrer),
            referee_id=self.id(referee),
            invited_at=self.at(invited),
            accepted_at=self.at(accepted),
        )

    def spend(self, day, amount="10.00", **more):
        self.add(
            "marketing_spend",
            more,
            spend_date=self.at(day, "").strip(),
            channel="search_ads",
            campaign=self.name,
            spend=amount,
            impressions=1000,
            clicks=20,
        )

    def identity(self, id_type, value, day, who="", time="12:00:00", **more):
        self.add(
            "identities",
            more,
            user_id=self.id(who),
            id_type=id_type,
            id_value=value,
            linked_at=self.at(day, time),
        )

    # What the shop does for the customers of the cases above: `whose` is the name of
    # such a case, an empty text is nobody.

    def contact(self, day, whose, time="12:00:00", **more):
        self.add(
            "contacts",
            more,
            contact_id=self.next_id("contacts", "n"),
            user_id=customer_of(whose),
            channel="push",
            sent_at=self.at(day, time),
            campaign="wake_up",
        )

    def cost(self, day, amount="20.00", whose="", **more):
        self.add(
            "operating_costs",
            more,
            cost_id=self.next_id("operating_costs", "c"),
            cost_date=self.at(day, "").strip(),
            cost_type="service",
            amount=amount,
            user_id=customer_of(whose),
        )

    def answer(self, survey_type, day, whose="", time="12:00:00", **more):
        self.add(
            "survey_responses",
            more,
            response_id=self.next_id("survey_responses", "q"),
            survey_type=survey_type,
            user_id=customer_of(whose),
            responded_at=self.at(day, time),
        )

    def kano(self, functional, dysfunctional, respondent="a", **more):
        self.answer(
            "kano",
            -40,
            **{
                "respondent_id": f"{self.name}_{respondent}",
                "feature_code": self.name,
                "functional_answer": functional,
                "dysfunctional_answer": dysfunctional,
            }
            | more,
        )

    def assignment(self, variant, day, whose, time="12:00:00", **more):
        self.add(
            "experiments",
            more,
            experiment_id=self.name,
            user_id=customer_of(whose),
            variant=variant,
            assigned_at=self.at(day, time),
        )

    def points(self, entry_type, day, points, whose="", time="12:00:00", **more):
        self.add(
            "points_ledger",
            more,
            entry_id=self.next_id("points_ledger", "t"),
            user_id=customer_of(whose),
            entry_at=self.at(day, time),
            entry_type=entry_type,
            points=points,
            reason="purchase",
        )

    def deal(self, stage, day, amount="1000.00", whose="", time="12:00:00", **more):
        self.add(
            "deals",
            more,
            deal_id=self.name,
            stage_code=stage,
            entered_at=self.at(day, time),
            amount=amount,
            user_id=customer_of(whose),
            account_name="Example Ltd",
            owner="sales_1",
        )

    def promotion(self, promotion_type, first, last="", **more):
        """Days from the first to the last; an empty text leaves the end open."""
        self.add(
            "promotions",
            more,
            promotion_id=self.next_id("promotions", "p"),
            promotion_type=promotion_type,
            starts_at=self.at(first, "00:00:00"),
            ends_at=self.at(last, "23:59:59"),
        )


def customer_of(case_name):
    """The user id of a case; the empty text is nobody."""
    return f"hc_{case_name}" if case_name else ""


def hard_cases(last_day):
    """All rows of all cases as (input, record of texts), in the order below."""
    found = []
    for name, build in CASES.items():
        rows = Rows(name, last_day)
        build(rows)
        found += rows.rows
    return found


# Churn ------------------------------------------------------------------------------


@case
def idle_30(c):
    """Last activity 30 days ago: not churned."""
    c.user(-120)
    c.login(-30)


@case
def idle_31(c):
    """Last activity 31 days ago: churned since the last day."""
    c.user(-120)
    c.login(-31)


@case
def active_on_day_31(c):
    """Comes back on day 31: idle 0 at the end of that day, so never churned."""
    c.user(-61)
    c.login(-61)
    c.login(-30)


@case
def first_login_day_30(c):
    """First activity on R + 30: not lost as a new user."""
    c.user(-100)
    c.login(-70)


@case
def first_login_day_31(c):
    """First activity on R + 31: lost as a new user."""
    c.user(-100)
    c.login(-69)


@case
def login_on_registration_day_only(c):
    """An automatic login on the day of registration is no return."""
    c.user(-80)
    c.login(-80)


@case
def never_active(c):
    """Registered, no login, no order: idle counts from registration."""
    c.user(-45)


@case
def order_as_only_activity(c):
    """Never logs in, but orders."""
    c.user(-90)
    c.order(-10)


@case
def returned_after_churn(c):
    """Churned for a month, then back, then churned again."""
    c.user(-200)
    c.login(-190)
    c.login(-120)


# Tiers ------------------------------------------------------------------------------


@case
def last_order_29(c):
    """Last order 29 days ago: not sleeping."""
    c.user()
    c.order(-29)


@case
def last_order_30(c):
    """Last order 30 days ago: sleeping."""
    c.user()
    c.order(-30)


@case
def first_order_7(c):
    """First order 7 days ago at a middling value: potential new."""
    c.user(-20)
    c.order(-7, "75.00")


@case
def first_order_8(c):
    """First order 8 days ago at the same value: regular."""
    c.user(-20)
    c.order(-8, "75.00")


@case
def three_orders_at_199_99(c):
    """Three recent orders, one cent short of the average value: regular."""
    c.user()
    for day in (-3, -2, -1):
        c.order(day, "199.99")


@case
def three_orders_at_200(c):
    """Three recent orders at exactly 200 on average: high-value repeat."""
    c.user()
    for day, gross in ((-29, "100.00"), (-2, "200.00"), (-1, "300.00")):
        c.order(day, gross)


@case
def two_orders_at_500(c):
    """Two orders are no repeat, however large."""
    c.user()
    c.order(-2, "500.00")
    c.order(-1, "500.00")


@case
def annual_4999_99(c):
    """A year's net one cent below high value; the window starts 364 days ago."""
    c.user(-400)
    c.order(-364, "4999.99")


@case
def annual_5000(c):
    """A year's net of exactly 5000: high value, and gold exactly hit."""
    c.user(-400)
    c.order(-365, "800.00")
    c.order(-364, "6000.00", discount_amount="1000.00")


@case
def member_bound_1000(c):
    """Net of exactly 1000: silver."""
    c.user()
    c.order(-100, "600.00")
    c.order(-90, "400.00")


@case
def member_bound_999_99(c):
    """A cent below silver, after a refund of one cent."""
    c.user()
    c.refund(c.order(-100, "1000.00"), -95, "0.01")


# Risk rules -------------------------------------------------------------------------


@case
def profile_thin(c):
    """Completion 49.9, 2 friends, nothing imported: matches the thin profile rule."""
    c.user(profile_completion_pct="49.9", friend_count=2, contacts_imported="false")
    c.login(-5)


@case
def profile_50(c):
    """Completion of exactly 50: no match."""
    c.user(profile_completion_pct=50, friend_count=2, contacts_imported="false")
    c.login(-5)


@case
def profile_3_friends(c):
    """Three friends: no match."""
    c.user(profile_completion_pct=10, friend_count=3, contacts_imported="false")
    c.login(-5)


@case
def profile_import_unknown(c):
    """Not known whether contacts were imported: a null feature fails the rule."""
    c.user(profile_completion_pct=10, friend_count=0)
    c.login(-5)


# The last day is a Monday; the three complete weeks before it start at -21, -14, -7.


@case
def decline_20_5_1(c):
    """Logins 20, 5, 1 in the last complete weeks: declining."""
    c.user()
    for first_day, count in ((-21, 20), (-14, 5), (-7, 1)):
        c.logins(first_day, count)


@case
def decline_20_15_10(c):
    """The last week is exactly half of the first: declining."""
    c.user()
    for first_day, count in ((-21, 20), (-14, 15), (-7, 10)):
        c.logins(first_day, count)


@case
def decline_20_15_11(c):
    """Falls, but to more than half: not declining."""
    c.user()
    for first_day, count in ((-21, 20), (-14, 15), (-7, 11)):
        c.logins(first_day, count)


@case
def decline_20_20_5(c):
    """Not strictly falling: not declining."""
    c.user()
    for first_day, count in ((-21, 20), (-14, 20), (-7, 5)):
        c.logins(first_day, count)


@case
def decline_to_zero(c):
    """A last week without any login counts as 0: declining."""
    c.user()
    c.logins(-21, 5)
    c.logins(-14, 2)


# Calendar ---------------------------------------------------------------------------


@case
def first_day_of_history(c):
    """Registers and orders on the first day of the sample."""
    c.user("2024-01-01 00:00:00")
    c.login("2024-01-01 00:00:00")
    c.order("2024-01-01 00:00:01")


@case
def leap_day(c):
    """Registers, logs in and orders on 29 February."""
    c.user("2024-02-29 09:00:00")
    c.login("2024-02-29 10:00:00")
    c.order("2024-02-29 11:00:00")
    c.login("2025-02-28 10:00:00")


@case
def cohort_31_january(c):
    """Registered on the 31st, active in February: month offset 1."""
    c.user("2025-01-31 09:00:00")
    c.login("2025-02-28 12:00:00")


@case
def month_end(c):
    """Active on the last day, which is a month end, until its last second."""
    c.user(-60)
    c.login(0, time="23:59:59")
    c.order(0, time="23:59:59")


@case
def iso_week_across_years(c):
    """Monday 30 December and Wednesday 1 January are one week in two years."""
    c.user("2024-12-30 09:00:00")
    c.login("2024-12-30 10:00:00")
    c.login("2025-01-01 10:00:00")
    c.login("2025-01-06 10:00:00")


@case
def sunday_and_monday(c):
    """One week apart if weeks start on Monday, the same week if on Sunday."""
    c.user(-60)
    c.login("2025-06-22 12:00:00")
    c.login("2025-06-23 12:00:00")


@case
def last_second_in_shanghai(c):
    """One second apart in Shanghai, two local days, one day in UTC."""
    c.user(-150)
    c.login("2025-03-10T23:59:59+08:00")
    c.login("2025-03-11T00:00:00+08:00")


@case
def summer_time_berlin(c):
    """02:30 does not exist on 31 March 2024 in Berlin, 02:00 to 03:00 is skipped."""
    c.user("2024-03-30 09:00:00")
    c.login("2024-03-31 01:59:59")
    c.login("2024-03-31 02:30:00")
    c.login("2024-03-31 03:00:00")


@case
def winter_time_berlin(c):
    """02:30 comes twice on 27 October 2024 in Berlin."""
    c.user("2024-10-26 09:00:00")
    c.login("2024-10-27 02:30:00")
    c.login("2024-10-27T02:30:00+02:00")
    c.login("2024-10-27T02:30:00+01:00")


@case
def midnight_crossed_by_offset(c):
    """23:30 two hours west of UTC is the next day in UTC."""
    c.user("2025-03-10T23:30:00-02:00")
    c.order("2025-03-31T23:30:00-02:00")


# Orders -----------------------------------------------------------------------------


@case
def order_before_registration(c):
    """The order counts, makes the entry date, but does not convert."""
    c.user(-50)
    c.order(-60)


@case
def login_before_registration(c):
    """Flagged; its day is before the entry date, so no activity day."""
    c.user(-50)
    c.login(-60)
    c.login(-40)


@case
def cancelled_before_registration(c):
    """An accepted order of any status makes the entry date."""
    c.user(-50)
    c.order(-60, status="cancelled")


@case
def two_orders_one_day(c):
    """Two orders on one day: two orders, one order day (P, not L)."""
    c.user(-100)
    c.order(-20, time="10:00:00")
    c.order(-20, time="20:00:00")


@case
def two_orders_one_second(c):
    """The order id settles which of the two comes first."""
    c.user(-100)
    c.order(-20, "10.00")
    c.order(-20, "20.00")


@case
def zero_amount(c):
    """A gift is an order with net 0 and a cost."""
    c.user()
    c.order(-40, "0.00", cost_amount="12.00")


@case
def fully_discounted(c):
    """Discount equal to gross: accepted, net 0."""
    c.user()
    c.order(-40, "60.00", discount_amount="60.00", coupon_id="welcome_10")


@case
def cancelled_then_paid(c):
    """A cancelled order and, an hour later, a new paid one: one valid order."""
    c.user()
    c.order(-33, status="cancelled", time="10:00:00")
    c.order(-33, status="paid", time="11:00:00")


@case
def every_status(c):
    """One order of each status: three are valid."""
    c.user()
    for day, status in enumerate(
        ["created", "paid", "shipped", "completed", "cancelled", "refunded"], start=-50
    ):
        c.order(day, status=status)


@case
def only_invalid_orders(c):
    """Never pays: no order, never purchased."""
    c.user()
    c.order(-15, status="created")
    c.order(-14, status="cancelled")


@case
def duplicate_order_equal(c):
    """The same row twice: one survives."""
    c.user()
    c.order(-25, order_id=f"{c.name}_o1")
    c.order(-25, order_id=f"{c.name}_o1")


@case
def duplicate_order_different(c):
    """Two versions of an order: the one updated last survives, with status paid."""
    c.user()
    number = f"{c.name}_o1"
    c.order(-25, order_id=number, status="paid", updated_at=c.at(-24))
    c.order(-25, order_id=number, status="created", updated_at=c.at(-25))


@case
def duplicate_order_tie(c):
    """Two versions updated at once: the smaller by the columns survives, 40.00."""
    c.user()
    number = f"{c.name}_o1"
    c.order(-25, "60.00", order_id=number, updated_at=c.at(-24))
    c.order(-25, "40.00", order_id=number, updated_at=c.at(-24))


@case
def unknown_status(c):
    """A status the shop does not know: unknown_status."""
    c.user()
    c.order(-25, status="lost")


@case
def discount_above_gross(c):
    """Discount larger than gross: discount_exceeds_gross."""
    c.user()
    c.order(-25, "60.00", discount_amount="60.01")


@case
def order_of_unknown_user(c):
    """The user has no row: unknown_user, although a guest e-mail is given."""
    c.order(-25, guest_email=f"{c.name}@example.com")


@case
def order_without_customer(c):
    """Neither user nor guest e-mail: missing_customer."""
    c.order(-25, user_id="")


@case
def net_mismatch(c):
    """The given net is not gross less discount: accepted and flagged."""
    c.user()
    c.order(-25, "60.00", discount_amount="5.00", net_amount="50.00")


@case
def delivered_after_last_day(c):
    """Delivery is dated after the last day: read as not yet delivered."""
    c.user()
    c.order(-1, status="shipped", delivered_at=c.at(3))


# Refunds ----------------------------------------------------------------------------


@case
def refund_same_second(c):
    """Refunded in the second of the order: accepted."""
    c.user()
    c.refund(c.order(-70), -70, "20.00", time="12:00:00")


@case
def refund_too_large(c):
    """Larger than the order: refund_exceeds_order."""
    c.user()
    c.refund(c.order(-70), -69, "60.01")


@case
def refund_60_50_30(c):
    """On an order of 100 the first and the third fit, the second does not."""
    c.user()
    order = c.order(-70, "100.00")
    for day, amount in ((-69, "60.00"), (-68, "50.00"), (-67, "30.00")):
        c.refund(order, day, amount)


@case
def refund_next_month(c):
    """Order in April, refund in May: net falls in April, cash in May."""
    c.user()
    c.refund(c.order("2025-04-20 12:00:00"), "2025-05-05 12:00:00", "30.00")


@case
def refund_after_last_day(c):
    """Accepted, but dated after the last day: without effect yet."""
    c.user()
    c.refund(c.order(-5), 5, "60.00")


@case
def refund_of_only_order(c):
    """A full refund of the only order: still a buyer, net 0."""
    c.user()
    c.refund(c.order(-70), -65, "60.00")


@case
def refund_of_cancelled_order(c):
    """Accepted, without effect on any number."""
    c.user()
    c.refund(c.order(-70, status="cancelled"), -69, "60.00")


@case
def refund_before_order(c):
    """A second before the order: refund_before_order."""
    c.user()
    c.refund(c.order(-70), -70, "10.00", time="11:59:59")


@case
def refund_of_unknown_order(c):
    """The order does not exist: unknown_order."""
    c.refund(f"{c.name}_o1", -70, "10.00")


@case
def refund_of_nothing(c):
    """Amounts of zero and below: non_positive_amount."""
    c.user()
    order = c.order(-70)
    c.refund(order, -69, "0.00")
    c.refund(order, -69, "-5.00")


@case
def refund_of_rejected_order(c):
    """A child of a rejected order: unknown_order."""
    c.user()
    c.refund(c.order(-70, status="lost"), -69, "10.00")


# Values -----------------------------------------------------------------------------


@case
def negative_amount(c):
    """Negative gross, discount and cost: negative_amount."""
    c.user()
    c.order(-25, "-60.00")
    c.order(-25, discount_amount="-1.00")
    c.order(-25, cost_amount="-0.01")


@case
def unreadable_number(c):
    """Not numbers to this warehouse, whatever an engine says: unparsable_number."""
    c.user()
    for gross in ("1e3", "NaN", "1,000.00", "12.", "0x10", "1234567890123456.00"):
        c.order(-25, gross)


@case
def readable_number(c):
    """Numbers with sign, blanks, no decimals; half a cent rounds away from zero."""
    c.user()
    for gross in ("+60", " 60.00 ", "007.5", "10.005", "10.0049"):
        c.order(-25, gross)


@case
def unreadable_time(c):
    """No such times: unparsable_timestamp."""
    c.user()
    for text in ("now", "2025-02-30 10:00:00", "2025-03-01 24:00:00", "12:30"):
        c.login(text)
    for text in ("03/01/2025 10:00", "2025-3-1", "2025-03-01 10:00:60", "infinity"):
        c.login(text)


@case
def readable_time(c):
    """All ways to write a time: date, T, no seconds, fraction, Z, offset, blanks."""
    c.user()
    for text in ("2025-03-01", "2025-03-02T10:00", "2025-03-03 10:00:00.123456789"):
        c.login(text)
    for text in ("2025-03-04T10:00:00Z", "2025-03-05 10:00+05:30", " 2025-03-06 "):
        c.login(text)
    c.login("2025-03-07+02:00")


@case
def future_time(c):
    """After any cutoff: future_timestamp."""
    c.user()
    c.user("2999-01-01 00:00:00", "b")
    c.login("2999-01-01 00:00:00")
    c.order("2999-01-01 00:00:00")
    c.event("view", "2999-01-01 00:00:00")


@case
def implausible_time(c):
    """Before the year 2000: implausible_timestamp."""
    c.user()
    c.user("1970-01-01 00:00:00", "b")
    c.login("1999-12-31 23:59:59")
    c.order("1999-12-31 23:59:59")


@case
def optional_time_unusable(c):
    """Unreadable, future and ancient optional times become null and are counted."""
    c.user(member_since="soon")
    c.order(-25, paid_at="yesterday", delivered_at="2999-01-01")
    c.order(-24, paid_at="1970-01-01 00:00:00")


@case
def bad_attributes(c):
    """Attributes out of range or unreadable become null; the row stays."""
    c.user(birth_year=1850, profile_completion_pct=140, friend_count=-1, gender="x")
    c.user(who="b", birth_year="old", city_tier="tier_9", contacts_imported="maybe")
    c.login(-25)
    c.event("review", -25, rating=9)
    c.event("view", -25, entry_source="window")


@case
def missing_key(c):
    """Rows without key: null_key."""
    c.user(user_id="", region=c.name)
    c.order(-25, order_id="", store=c.name)
    c.login(-25, login_id="", app=c.name)
    c.event("view", -25, event_id="", page=c.name)


@case
def missing_value(c):
    """Rows without another required value: missing_value."""
    c.user()
    c.user("", "b")
    c.login("")
    c.order("")
    c.order(-25, "")
    c.order(-25, status="")


@case
def several_reasons(c):
    """Unreadable time, unreadable amount, unknown user and status in one row."""
    c.order("never", "much", status="lost")


@case
def blanks_around_ids(c):
    """Ids are trimmed, their case is kept: the second login has no user."""
    c.user(user_id=f"  {c.name} ")
    c.login(-25, user_id=f"{c.name}  ")
    c.login(-24, user_id=c.name.upper())


@case
def excluded_account(c):
    """A staff account: excluded, and with it every row that names it."""
    c.user(is_excluded="true")
    c.user(who="b")
    c.login(-25)
    c.refund(c.order(-25), -24, "10.00")
    c.event("view", -25)
    c.referral("", "b", -220, -200)


@case
def excluded_once(c):
    """Two rows of one account, one of them excluded: the other is accepted."""
    c.user(is_excluded="true")
    c.user(is_excluded="false")
    c.login(-25)


@case
def duplicate_rows(c):
    """Twice the same user, login, event, item and refund: duplicate_key."""
    for _ in range(2):
        c.user()
        c.login(-25, login_id=f"{c.name}_l1")
        c.event("view", -25, event_id=f"{c.name}_e1")
    order = c.order(-25)
    for _ in range(2):
        c.item(order)
        c.refund(order, -24, "40.00", refund_id=f"{c.name}_r1")


@case
def duplicate_user_updated(c):
    """Two versions of an account: the later registration was updated last."""
    c.user(-200, channel="organic", updated_at=c.at(-199))
    c.user(-100, channel="offline", updated_at=c.at(-90))
    c.login(-25)


@case
def logins_in_one_second(c):
    """Two login ids in one second: two logins while ids are given."""
    c.user()
    c.login(-25)
    c.login(-25)


# Items ------------------------------------------------------------------------------


@case
def item_costs_partly_known(c):
    """One item without cost: the order's cost amount is used instead."""
    c.user()
    order = c.order(-40, "120.00", cost_amount="50.00")
    c.item(order)
    c.item(order, line_number=2, unit_cost="")


@case
def item_costs_known(c):
    """All items have a cost: it wins over the order's cost amount."""
    c.user()
    order = c.order(-40, "120.00", cost_amount="50.00")
    c.item(order)
    c.item(order, line_number=2, unit_cost="0.00")


@case
def item_of_unknown_order(c):
    """The order does not exist: unknown_order."""
    c.item(f"{c.name}_o1")


@case
def item_bad_numbers(c):
    """Quantity 0 and 1.5, a negative price; "2.0" is a whole number."""
    c.user()
    order = c.order(-40)
    c.item(order, line_number=1, quantity=0)
    c.item(order, line_number=2, quantity="1.5")
    c.item(order, line_number=3, unit_price="-1.00")
    c.item(order, line_number=4, quantity="2.0", unit_price="30.00")


# Identity ---------------------------------------------------------------------------


@case
def one_email_two_accounts(c):
    """Two accounts whose e-mails differ in case and blanks only."""
    c.user(-200, "a", email=f"{c.name}@example.com")
    c.user(-100, "b", email=f" {c.name.upper()}@Example.COM ")
    c.order(-90, who="a")
    c.order(-80, who="b")
    c.order(-70, user_id="", guest_email=f"{c.name}@example.com")


@case
def guest_later_registering(c):
    """A guest order 30 days before its e-mail registers: one customer."""
    c.order(-50, user_id="", guest_email=f"{c.name}@EXAMPLE.com ")
    c.user(-20)
    c.order(-10)


@case
def guest_only(c):
    """Two orders of a guest who never registers, in two spellings."""
    c.order(-50, user_id="", guest_email=f"{c.name}@example.com")
    c.order(-20, user_id="", guest_email=f" {c.name.upper()}@example.com")


@case
def guest_cancelled_only(c):
    """A guest whose only order is cancelled: exists, no buyer."""
    c.order(-20, user_id="", guest_email=f"{c.name}@example.com", status="cancelled")


@case
def user_and_guest_email(c):
    """An order with both: the user wins."""
    c.user()
    c.order(-20, guest_email="somebody.else@example.com")


@case
def anonymous_before_and_after(c):
    """Anonymous visits, then events with both ids, then anonymous again."""
    c.user(-30)
    c.event("view", -35, user_id="", anonymous_id=f"{c.name}_browser")
    c.event("view", -25, anonymous_id=f"{c.name}_browser")
    c.event("view", -20, user_id="", anonymous_id=f"{c.name}_browser")
    c.identity("anonymous", f"{c.name}_browser", -25)


@case
def email_of_11_accounts(c):
    """One e-mail, eleven accounts: too many to be one person."""
    for number in range(11):
        c.user(-150 + number, number + 1, email=f"{c.name}@example.com")
    c.order(-40, user_id="", guest_email=f"{c.name}@example.com")


@case
def phone_of_10_accounts(c):
    """One phone in many spellings, ten accounts: one customer, the first of them."""
    for number in range(10):
        dashes = "-" * number
        c.user(-150 + number, number + 1, phone=f"+44 20{dashes} (7946) 0010")
        c.login(-100 + number, number + 1)
    c.order(-40, who=10)


@case
def chain_of_identifiers(c):
    """A and B share an e-mail, B and C a phone: all three are A, who has no phone."""
    c.user(-200, "a", email=f"{c.name}@example.com")
    c.user(-150, "b", email=f"{c.name.upper()}@example.com", phone="+44 20 7946 0011")
    c.user(-100, "c", phone="+44-20-7946-0011")
    for who, day in (("a", -90), ("b", -60), ("c", -20)):
        c.order(day, who=who)
        c.login(day + 5, who)


@case
def accounts_of_one_instant(c):
    """Two accounts made in one second: the smaller id is the customer."""
    for who in ("b", "a"):
        c.user(-100, who, email=f"{c.name}@example.com")


@case
def attributes_of_two_accounts(c):
    """The first account's word holds; what it leaves open the second fills in."""
    c.user(
        -200,
        "a",
        channel="",
        email=f"{c.name}@example.com",
        friend_count=2,
    )
    c.user(
        -100,
        "b",
        channel="offline",
        email=f"{c.name}@example.com",
        friend_count=9,
        profile_completion_pct=80,
        member_since=c.at(-90, "").strip(),
    )
    c.login(-10, "b")


@case
def phone_without_digits(c):
    """Two accounts with the phone n/a: two customers."""
    for who in ("a", "b"):
        c.user(-100, who, phone="n/a")


@case
def identity_verified(c):
    """The second account proved to own the first one's e-mail, a guest used a third."""
    c.user(-200, "a")
    c.user(-100, "b")
    c.identity("email", f" {c.id('A')}@EXAMPLE.com", -50, "b", is_verified="true")
    c.identity("email", f"{c.name}_third@example.com", -40, "b")
    c.order(-30, user_id="", guest_email=f"{c.name}_third@example.com")


@case
def identity_unverified(c):
    """It claims the first one's e-mail, and has not proved it: two customers."""
    c.user(-200, "a")
    c.user(-100, "b")
    c.identity("email", f"{c.id('a')}@example.com", -50, "b", is_verified="false")


@case
def identity_of_device(c):
    """Two accounts on one device and in one foreign system: two customers."""
    for who in ("a", "b"):
        c.user(-100, who)
        c.identity("device", f"{c.name}_phone", -90, who)
        c.identity("external", f"{c.name}_crm", -90, who)


@case
def identity_after_last_day(c):
    """Linked the day after the last one: not known yet."""
    c.user(-200, "a")
    c.user(-100, "b")
    c.identity("email", f"{c.id('a')}@example.com", 1, "b", time="00:00:00")


@case
def anonymous_id_of_two_accounts(c):
    """A browser linked to two accounts: it is the first one's, by time, then by id."""
    for who in ("a", "b"):
        c.user(-100, who)
    c.identity("anonymous", f"{c.name}_home", -80, "a")
    c.identity("anonymous", f"{c.name}_home", -90, "b")
    c.identity("anonymous", f"{c.name}_work", -90, "b")
    c.identity("anonymous", f"{c.name}_work", -90, "a")
    c.event("cart", -50, user_id="", anonymous_id=f"{c.name}_home")
    c.event("share", -50, user_id="", anonymous_id=f"{c.name}_work")
    c.event("view", -50, user_id="", anonymous_id=f"{c.name}_cafe")


@case
def identity_bad_rows(c):
    """Nobody's, a type the contract does not know, no value, times no row may have."""
    c.user()
    c.identity("email", f"{c.name}@example.com", -50, "nobody")
    c.identity("email", f"{c.name}@example.com", -50, user_id="hc_excluded_account")
    c.identity("face", c.name, -50)
    c.identity("email", "", -50)
    c.identity("", c.name, -50)
    for day in ("", "soon", "2999-01-01", "1999-12-31"):
        c.identity("email", f"{c.name}@example.com", day)
    c.identity("device", c.name, -50, is_verified="perhaps")


@case
def duplicate_identity(c):
    """One identifier linked twice: the first by time survives."""
    c.user()
    for day in (-30, -31):
        c.identity("email", f"{c.name}_second@example.com", day)


# RFM and value ----------------------------------------------------------------------


@case
def rfm_many_ties(c):
    """Twelve buyers equal in recency, frequency and amount."""
    for number in range(12):
        c.user(-150, number + 1)
        c.order(-45, "80.00", number + 1)


@case
def rfm_last_order_outside_window(c):
    """Last order 365 days ago: scored, with F and M 0."""
    c.user(-500)
    c.order(-400)
    c.order(-365)


@case
def rfm_order_on_first_window_day(c):
    """Last order 364 days ago: F 1."""
    c.user(-500)
    c.order(-364)


@case
def no_orders(c):
    """A customer without orders: present, unscored."""
    c.user()
    c.login(-10)


@case
def first_order_on_last_day(c):
    """First order on the last day: recency 0, T 0."""
    c.user(-10)
    c.order(0)


@case
def repeat_orders_with_net_0(c):
    """A paid first order, then two gifts: repeat value 0."""
    c.user()
    c.order(-90)
    c.order(-60, "0.00")
    c.order(-30, "0.00")


# Stages -----------------------------------------------------------------------------


@case
def stage_first_window_day(c):
    """One login 14 days ago, the first of the 15 dates: stage A."""
    c.user()
    c.login(-14)


@case
def stage_day_before_window(c):
    """One login 15 days ago: none."""
    c.user()
    c.login(-15)


@case
def stage_l_first_window_day(c):
    """Two order days, one of them 364 days ago: L."""
    c.user(-400)
    c.order(-364)
    c.order(-100)


@case
def stage_l_day_before_window(c):
    """Two order days, one of them 365 days ago: P."""
    c.user(-400)
    c.order(-365)
    c.order(-100)


@case
def stage_none(c):
    """Registered, nothing since: none in every framework."""
    c.user(-150)


@case
def stage_lost(c):
    """Browsed on two days two months ago: I then, none now."""
    c.user(-70)
    c.login(-62)
    c.login(-61)


@case
def new_between_snapshots(c):
    """Enters between the last two month ends."""
    c.user(-15)
    c.login(-15)


@case
def review_by_non_buyer(c):
    """Five stars from somebody who never bought: no loyalty."""
    c.user()
    c.event("review", -10, rating=5)


@case
def review_before_order(c):
    """Five stars before the first order: no buyer's review yet."""
    c.user()
    c.event("review", -10, rating=5)
    c.order(-5)


@case
def rating_3(c):
    """A buyer's three stars: not positive, stays P."""
    c.user()
    c.order(-20)
    c.event("review", -10, rating=3)


@case
def rating_4(c):
    """A buyer's four stars: L, and advocate."""
    c.user()
    c.order(-20)
    c.event("review", -10, rating=4)


@case
def share_in_second_of_order(c):
    """A share in the second of the first order is by a buyer."""
    c.user()
    c.order(-20)
    c.event("share", -20)


@case
def stage_before_registration(c):
    """A login before registration counts for stages once registered."""
    c.user(-5)
    c.login(-6)


# Funnels and paths ------------------------------------------------------------------


@case
def funnel_reverse_order(c):
    """The checkout steps backwards: only the view is reached."""
    c.user()
    for hour, step in ((9, "checkout"), (10, "cart"), (11, "view")):
        c.event(step, -20, time=f"{hour:02}:00:00")


@case
def funnel_same_second(c):
    """All steps and the order in one second: complete."""
    c.user()
    for step in ("view", "cart", "checkout"):
        c.event(step, -20)
    c.order(-20)


@case
def funnel_repeated_first_step(c):
    """Two views reach the cart: the later one is nearer and is used."""
    c.user()
    c.event("view", -20, time="12:00:00")
    c.event("view", -20, time="13:00:00")
    c.event("cart", -20, time="13:10:00")


@case
def funnel_minute_too_late(c):
    """The cart comes 24 hours and one minute after the view."""
    c.user()
    c.event("view", -20, time="12:00:00")
    c.event("cart", -19, time="12:01:00")


@case
def funnel_last_minute(c):
    """The order comes exactly 24 hours after the view."""
    c.user()
    c.event("view", -20, time="12:00:00")
    c.event("cart", -20, time="13:00:00")
    c.event("checkout", -20, time="14:00:00")
    c.order(-19, time="12:00:00")


@case
def funnel_too_young(c):
    """Enters on the last day: the window is still open."""
    c.user(0)
    c.event("view", 0)


@case
def funnel_step_nobody_reaches(c):
    """The task funnel up to its sixth step: nobody in the sample does task_7."""
    c.user(-160)
    for number in range(1, 7):
        c.event(f"task_{number}", -160 + 20 * number)


@case
def page_seen_after_order(c):
    """The page is seen only after the order."""
    c.user()
    c.order(-20, time="12:00:00")
    c.event("view", -20, time="12:00:01", page="item")


@case
def session_gap_30_minutes(c):
    """Gaps of exactly 30 minutes, and of one second more."""
    c.user()
    for time in ("12:00:00", "12:30:00", "13:00:01"):
        c.event("view", -20, time=time)


# Referrals --------------------------------------------------------------------------


@case
def self_referral(c):
    """Invites himself: self_referral."""
    c.user()
    c.referral("", "", -200, -200)


@case
def self_referral_second_account(c):
    """Invites his second account, known by its e-mail."""
    c.user(-200, "a", email=f"{c.name}@example.com")
    c.user(-100, "b", email=f"{c.name.upper()}@example.com")
    c.referral("a", "b", -110, -100)


@case
def referral_cycle(c):
    """A invites B, B invites A, all in one second: the second closes the cycle."""
    for who in ("a", "b"):
        c.user(-100, who, time="12:00:00", channel="referral")
    c.referral("a", "b", -100, -100)
    c.referral("b", "a", -100, -100)


@case
def referral_cycle_then_duplicate(c):
    """C invites A after B's cycle was refused: A is free, C's invitation counts."""
    for who in ("a", "b", "c"):
        c.user(-100, who, time="12:00:00")
    c.referral("a", "b", -100, -100)
    c.referral("b", "a", -100, -100)
    c.referral("c", "a", -100, -99)


@case
def referee_registered_before(c):
    """Was a customer before the invitation: referee_registered_before_invite."""
    c.user(-200, "a")
    c.user(-150, "b")
    c.referral("a", "b", -140, -139)


@case
def referrer_registered_after(c):
    """Invites before registering: referrer_registered_after_invite."""
    c.user(-100, "a")
    c.user(-90, "b")
    c.referral("a", "b", -120, -90)


@case
def two_referrers(c):
    """Two accepted invitations of one customer: the first accepted counts."""
    c.user(-200, "a")
    c.user(-200, "b")
    c.user(-90, "c", channel="referral")
    c.referral("a", "c", -100, -88)
    c.referral("b", "c", -101, -89)


@case
def accepted_before_invited(c):
    """Accepted a day before the invitation: accepted_before_invited."""
    c.user(-200, "a")
    c.user(-90, "b")
    c.referral("a", "b", -90, -91)


@case
def accepted_without_referee(c):
    """Accepted by nobody: accepted_without_referee."""
    c.user(-200)
    c.referral("", "", -90, -89, referee_id="")


@case
def accepted_after_last_day(c):
    """Accepted after the last day: still pending."""
    c.user(-200, "a")
    c.user(0, "b", channel="referral")
    c.referral("a", "b", -2, 2)


@case
def accepted_at_unreadable(c):
    """An unreadable acceptance rejects the row: unparsable_timestamp."""
    c.user(-200, "a")
    c.user(-90, "b")
    c.referral("a", "b", -95, "soon")


@case
def pending_invitation(c):
    """Invited, not accepted; once with and once without the invited customer."""
    c.user(-200, "a")
    c.user(-150, "b")
    c.referral("a", "", -100, "", referee_id="")
    c.referral("a", "b", -160, "")


@case
def three_generations(c):
    """A brings B, B brings C, C brings D."""
    for number, who in enumerate("abcd"):
        c.user(-160 + 20 * number, who, channel="referral" if number else "organic")
    for number, pair in enumerate(("ab", "bc", "cd")):
        c.referral(*pair, -145 + 20 * number, -140 + 20 * number)


@case
def referral_of_unknown_user(c):
    """The invited customer has no row: unknown_user."""
    c.user(-200, "a")
    c.referral("a", "nobody", -100, -99)


# Channels, spend and touches --------------------------------------------------------


@case
def spend_without_customers(c):
    """Spend in a channel that brings nobody."""
    c.spend(-40, channel=c.name)


@case
def customers_without_spend(c):
    """A customer of a channel without spend."""
    c.user(-40, channel=c.name)
    c.order(-39)


@case
def unknown_channel(c):
    """No channel, and a blank one: unknown."""
    c.user(-40, "a", channel="")
    c.user(-40, "b", channel="  ")


@case
def spend_without_clicks(c):
    """Spend and impressions, no clicks; nulls are 0."""
    c.spend(-40, clicks=0)
    c.spend(-39, impressions="", clicks="")


@case
def spend_without_campaign(c):
    """No campaign is the empty campaign: the second row is a duplicate key."""
    c.spend(-40, channel=c.name, campaign="")
    c.spend(-40, channel=c.name, campaign="")


@case
def spend_bad_rows(c):
    """Negative spend, negative clicks, a time as date, a date in 2999, no amount."""
    c.spend(-40, "-1.00")
    c.spend(-39, clicks=-1)
    c.spend("2025-05-01 10:00:00")
    c.spend("2999-01-01")
    c.spend(-38, "")


@case
def conversion_without_touch(c):
    """An order without any touch: direct_unknown."""
    c.user()
    c.order(-20)


@case
def one_touch(c):
    """One touch, in the second of the order."""
    c.user()
    c.event("click", -20, channel="search_ads")
    c.order(-20)


@case
def two_touches(c):
    """Two touches; a third is older than the window of 30 dates."""
    c.user()
    c.event("click", -50, channel="offline")
    c.event("click", -49, channel="social_ads")
    c.event("view", -21, channel="email")
    c.order(-20)


@case
def three_touches(c):
    """Touches 14, 7 and 0 days before the order."""
    c.user()
    for day, channel in ((-34, "short_video"), (-27, "search_ads"), (-20, "push")):
        c.event("click", day, channel=channel)
    c.order(-20)


@case
def same_channel_twice(c):
    """The same channel touches twice: both stay."""
    c.user()
    for day in (-22, -21):
        c.event("click", day, channel="search_ads")
    c.order(-20)


@case
def only_direct_touches(c):
    """All touches direct: the last of them takes the credit."""
    c.user()
    c.event("view", -22, channel="direct")
    c.event("view", -21, channel="direct")
    c.order(-20)


@case
def touch_before_previous_order(c):
    """The touch belongs to the first order; the second has none."""
    c.user()
    c.event("click", -22, channel="search_ads")
    c.order(-21)
    c.order(-20)


# Promotions and baskets -------------------------------------------------------------


@case
def threshold_49_99(c):
    """A cent below the threshold of a discount."""
    c.user()
    c.order(-20, "49.99", promotion_id="threshold_50")


@case
def threshold_50(c):
    """Exactly at the threshold: pays 30."""
    c.user()
    c.order(-20, "50.00", discount_amount="20.00", promotion_id="threshold_50")


@case
def group_of_2(c):
    """A group buy one member short."""
    for who in ("a", "b"):
        c.user(who=who)
        c.order(-20, who=who, group_id=c.name, promotion_id="group_buy")


@case
def group_of_3(c):
    """A group buy that is just complete."""
    for who in ("a", "b", "c"):
        c.user(who=who)
        c.order(-20, who=who, group_id=c.name, promotion_id="group_buy")


@case
def event_without_customer(c):
    """Neither user nor anonymous id: missing_customer."""
    c.event("view", -20, user_id="")


@case
def event_of_unknown_user(c):
    """The user has no row: unknown_user, although anonymous id is given."""
    c.event("view", -20, anonymous_id=f"{c.name}_browser")


# Contacts ---------------------------------------------------------------------------

# The five decline_* customers come back on day -21, after half a year.


@case
def contact_on_day_of_return(c):
    """Sent on the day of the return, in its last second: a campaign's return."""
    c.contact(-21, "decline_20_5_1", time="23:59:59")


@case
def contact_6_days_before_return(c):
    """Sent on the first of the seven dates: a campaign's return."""
    c.contact(-27, "decline_20_15_10", time="00:00:00")


@case
def contact_7_days_before_return(c):
    """Sent exactly seven days before the return, a date too early: spontaneous."""
    c.contact(-28, "decline_20_15_11", time="23:59:59")


@case
def contact_day_after_return(c):
    """Sent the day after the return: spontaneous."""
    c.contact(-20, "decline_20_20_5")


@case
def contacts_before_one_return(c):
    """Two contacts before one return: it counts once."""
    c.contact(-23, "decline_to_zero")
    c.contact(-22, "decline_to_zero", channel="sms")


@case
def contact_without_return(c):
    """Churned, contacted, and not back."""
    c.contact(0, "idle_31")


@case
def contact_on_day_of_order(c):
    """Sent on the day of an order."""
    c.contact(-10, "order_as_only_activity", channel="email", cost="0.01")


@case
def second_push_in_month(c):
    """Two push messages in one month, and one in the next."""
    for day in (-35, -32, -29):
        c.contact(day, "idle_30")


@case
def second_sms_in_quarter(c):
    """Two text messages in one quarter."""
    for day in (-80, -10):
        c.contact(day, "idle_30", channel="sms", cost="0.05")


@case
def contact_opened_late(c):
    """Opened and clicked after the last day: not yet."""
    c.contact(0, "month_end", opened_at=c.at(1), clicked_at=c.at(1, "12:01:00"))


@case
def contact_opened_unreadably(c):
    """Openings and steps that cannot be read, or lie in 2999, become null."""
    c.contact(-15, "month_end", opened_at="yes", step_number="first")
    c.contact(-15, "month_end", opened_at="2999-01-01", clicked_at="1999-12-31")


@case
def contact_after_last_day(c):
    """Sent after the last day: accepted, ignored."""
    c.contact(2, "month_end")


@case
def contact_of_unknown_user(c):
    """The user has no row: unknown_user; a staff account is excluded."""
    c.contact(-10, "nobody")
    c.contact(-10, "excluded_account")


@case
def contact_unknown_channel(c):
    """A channel the contract does not know, also in another case: unknown_channel."""
    c.contact(-10, "month_end", channel="pigeon")
    c.contact(-10, "month_end", channel="Push")


@case
def contact_negative_cost(c):
    """A cost below 0: negative_amount; of exactly 0 it is accepted."""
    c.contact(-10, "month_end", cost="-0.01")
    c.contact(-10, "month_end", cost="0")


@case
def contact_bad_rows(c):
    """No user, no channel, no time, times that no row may have, a cost in words."""
    c.contact(-10, "")
    c.contact(-10, "month_end", channel="")
    c.contact("", "month_end")
    c.contact("soon", "month_end")
    c.contact("2999-01-01 12:00:00", "month_end")
    c.contact("1999-12-31 12:00:00", "month_end")
    c.contact(-10, "month_end", cost="free")


@case
def duplicate_contact(c):
    """One id twice: the one sent first survives."""
    for day in (-9, -10):
        c.contact(day, "month_end", contact_id=f"{c.name}_n1")


# Operating costs --------------------------------------------------------------------


@case
def cost_before_history(c):
    """A shared cost of a month without orders or activity: unallocated."""
    c.cost("2023-12-15", "99.00", cost_type="platform")


@case
def reward_each_way(c):
    """20 for the referrer and 20 for the referee of one accepted referral."""
    for who in ("a", "b"):
        c.cost(-140, whose=f"three_generations_{who}", cost_type="referral_reward")


@case
def reward_without_referral(c):
    """A reward in a month before any accepted referral."""
    c.cost("2023-12-31", whose="first_day_of_history", cost_type="referral_reward")


@case
def reward_without_customer(c):
    """A reward that names nobody is a shared cost, and a subsidy like any other."""
    c.cost(-30, "7.50", cost_type="referral_reward")


@case
def cost_of_nothing(c):
    """A cost of exactly 0."""
    c.cost(-20, "0", "month_end")


@case
def cost_of_customer_without_order(c):
    """Spent on somebody who never orders."""
    c.cost(-20, "3.00", "never_active", cost_type="coupon")


@case
def cost_after_last_day(c):
    """After the last day: accepted, ignored."""
    c.cost(1)


@case
def cost_unknown_type(c):
    """A type the contract does not know: unknown_cost_type."""
    c.cost(-20, cost_type="rent")


@case
def cost_negative(c):
    """An amount below 0: negative_amount."""
    c.cost(-20, "-0.01")


@case
def cost_of_unknown_user(c):
    """The user has no row: unknown_user; a staff account is excluded."""
    c.cost(-20, whose="nobody")
    c.cost(-20, whose="excluded_account")


@case
def cost_bad_rows(c):
    """A time as date, no date, dates no row may have, no amount, one in words."""
    c.cost("2025-05-01 10:00:00")
    c.cost("")
    c.cost("2999-01-01")
    c.cost("1999-12-31")
    c.cost(-20, "")
    c.cost(-20, "much")
    c.cost(-20, cost_type="")


@case
def cost_several_reasons(c):
    """Breaks all three rules of its input."""
    c.cost(-20, "-1", "nobody", cost_type="rent")


@case
def duplicate_cost(c):
    """One id twice: the earlier cost survives."""
    for day in (-20, -21):
        c.cost(day, cost_id=f"{c.name}_c1")


# Surveys ----------------------------------------------------------------------------


@case
def wallet_share_half(c):
    """A share of wallet of exactly one half, of a regular buyer."""
    c.answer("share_of_wallet", -10, "three_orders_at_199_99", score="0.5")


@case
def wallet_share_below_half(c):
    """A hundredth below one half."""
    c.answer("share_of_wallet", -10, "three_orders_at_200", score="0.49")


@case
def wallet_share_latest(c):
    """An earlier answer, then two in one second: the larger id is the latest."""
    c.answer("share_of_wallet", -20, "every_status", score="1")
    c.answer("share_of_wallet", -10, "every_status", score="0.9")
    c.answer("share_of_wallet", -10, "every_status", score="0.4")


@case
def wallet_share_after_last_day(c):
    """An answer given after the last day is not known yet."""
    c.answer("share_of_wallet", -10, "two_orders_at_500", score="0.2")
    c.answer("share_of_wallet", 1, "two_orders_at_500", score="0.8")


@case
def wallet_share_without_order(c):
    """Somebody who never orders has an opinion too."""
    c.answer("share_of_wallet", -10, "never_active", score="0")


@case
def survey_rating_4(c):
    """A buyer rates 4 in a survey: praise."""
    c.answer("rating", -5, "last_order_29", score="4")


@case
def survey_rating_3(c):
    """A buyer rates a little below 4 in a survey: no praise."""
    c.answer("rating", -5, "last_order_30", score="3.999999")


@case
def survey_rating_by_non_buyer(c):
    """Rates 5 in a survey and has never ordered."""
    c.answer("rating", -5, "never_active", score="5")


@case
def survey_rating_around_first_order(c):
    """Rated a second before the first order, and in its second."""
    c.answer("rating", -7, "first_order_7", time="11:59:59", score="5")
    c.answer("rating", -8, "first_order_8", time="12:00:00", score="5")


@case
def nps_ends(c):
    """Both ends of the scale, and the borders of its three parts."""
    for score in (0, 6, 7, 8, 9, 10):
        c.answer("nps", -30, score=score, respondent_id=f"{c.name}_{score}")


@case
def kano_questionable_only(c):
    """A feature that gets nothing but contradictions."""
    c.kano(1, 1, "a")
    c.kano(5, 5, "b")


@case
def kano_tie(c):
    """As many say must-be as one-dimensional."""
    c.kano(2, 5, "a", self_importance=9)
    c.kano(1, 5, "b", self_importance=1)


@case
def kano_changed_mind(c):
    """One respondent answers twice about a feature: the latest answer counts."""
    c.kano(1, 5, responded_at=c.at(-41))
    c.kano(3, 3)


@case
def kano_without_importance(c):
    """An importance out of range becomes null; the answer stays."""
    c.kano(1, 4, self_importance=10)


@case
def answer_without_customer(c):
    """Neither user nor respondent: missing_customer."""
    c.answer("nps", -30, score=9)


@case
def answer_of_unknown_user(c):
    """unknown_user, although a respondent is given; a staff account is excluded."""
    c.answer("nps", -30, "nobody", score=9, respondent_id=f"{c.name}_a")
    c.answer("nps", -30, "excluded_account", score=9)


@case
def answer_unknown_survey(c):
    """A survey the contract does not know: unknown_survey_type."""
    c.answer("quiz", -30, "month_end", score=5)


@case
def answer_out_of_range(c):
    """Just outside every scale, and no answer at all: answer_out_of_range."""
    for survey_type, score in (
        ("rating", "0.99"),
        ("rating", "5.01"),
        ("nps", "-1"),
        ("nps", "11"),
        ("share_of_wallet", "-0.01"),
        ("share_of_wallet", "1.01"),
        ("share_of_wallet", "50"),
        ("rating", ""),
        ("nps", "likely"),
    ):
        c.answer(survey_type, -30, "month_end", score=score)
    for functional, dysfunctional in ((0, 5), (1, 6), (1, ""), ("", 1), (2.5, 1)):
        c.kano(functional, dysfunctional)
    c.kano(1, 5, feature_code="")


@case
def answer_bad_rows(c):
    """No survey, no time, times no row may have."""
    c.answer("", -30, "month_end", score=5)
    c.answer("nps", "", "month_end", score=5)
    c.answer("nps", "soon", "month_end", score=5)
    c.answer("nps", "2999-01-01", "month_end", score=5)
    c.answer("nps", "1999-12-31", "month_end", score=5)


@case
def duplicate_answer(c):
    """One id twice: the smaller by the columns survives, the earlier answer."""
    for day in (-30, -31):
        c.answer("nps", day, "month_end", response_id=f"{c.name}_q1", score=5)


# Calendar of promotions -------------------------------------------------------------


@case
def promotion_planned(c):
    """After the last day, and in 2099: a calendar may look ahead."""
    c.promotion("ugc_points", 40, 43)
    c.promotion("ugc_points", "2099-12-31", "2100-01-01")


@case
def promotion_around_last_day(c):
    """Begins before the last day and ends after it, or not at all."""
    c.promotion("ugc_points", -3, 3)
    c.promotion("ugc_points", -3)


@case
def trial_ending_on_last_day(c):
    """Seven free days, the last of them the last day."""
    c.promotion("trial", -6, 0, trial_days=7)


@case
def promotion_of_one_instant(c):
    """Ends when it starts: accepted."""
    c.promotion("ugc_points", -10, ends_at=c.at(-10, "00:00:00"))


@case
def promotion_ends_before_start(c):
    """Ends a second before it starts: ends_before_start."""
    c.promotion("ugc_points", -10, ends_at=c.at(-11, "23:59:59"))


@case
def promotion_unknown_type(c):
    """A type the contract does not know: unknown_promotion_type."""
    c.promotion("raffle", -10, -8)


@case
def promotion_missing_parameter(c):
    """Every type without one of the parameters it needs: missing_parameter."""
    c.promotion("threshold", -10, -8, value_amount=20)
    c.promotion("threshold", -10, -8, threshold_amount=50)
    c.promotion("referral_coupon", -10, -8)
    c.promotion("group_buy", -10, -8, min_group_size=3)
    c.promotion("group_buy", -10, -8, discount_rate="0.5")
    c.promotion("trial", -10, -8)


@case
def promotion_parameter_out_of_range(c):
    """Out of range is null: missing where the type needs it, else counted."""
    c.promotion("threshold", -10, -8, threshold_amount=-50, value_amount=20)
    c.promotion("group_buy", -10, -8, min_group_size=0, discount_rate="0.5")
    c.promotion("ugc_points", -10, -8, discount_rate="1.01", trial_days=0)
    c.promotion("ugc_points", -10, -8, value_amount="-0.01")


@case
def promotion_bad_rows(c):
    """No type, no start, starts no row may have, an amount in words."""
    c.promotion("", -10, -8)
    c.promotion("ugc_points", "", -8)
    c.promotion("ugc_points", "soon", -8)
    c.promotion("ugc_points", "1999-12-31", -8)
    c.promotion("ugc_points", -10, -8, value_amount="much")


@case
def duplicate_promotion(c):
    """One id twice: the one that starts first survives."""
    for day in (-10, -11):
        c.promotion("ugc_points", day, promotion_id=f"{c.name}_p1")


# Experiments ------------------------------------------------------------------------


@case
def experiment_in_both_variants(c):
    """A customer in both variants: both rows stay."""
    c.assignment("control", -40, "month_end")
    c.assignment("treatment", -39, "month_end")


@case
def experiment_after_last_day(c):
    """Assigned after the last day: not known yet."""
    c.assignment("control", 1, "month_end")


@case
def experiment_bad_rows(c):
    """Nobody's, a staff account's, no variant, times no row may have."""
    c.assignment("control", -40, "nobody")
    c.assignment("control", -40, "excluded_account")
    c.assignment("", -40, "month_end")
    c.assignment("control", -40, "month_end", experiment_id="")
    for day in ("", "soon", "2999-01-01", "1999-12-31"):
        c.assignment("control", day, "month_end")


@case
def duplicate_assignment(c):
    """The same assignment twice: one survives."""
    for _ in range(2):
        c.assignment("control", -40, "month_end")


# Points -----------------------------------------------------------------------------


@case
def points_burn_above_balance(c):
    """One point too much, then a burn that would fit: both are refused."""
    c.user()
    for entry_type, day, points in (
        ("earn", -50, 100),
        ("burn", -40, 60),
        ("burn", -30, 41),
        ("earn", -20, 500),
        ("burn", -10, 1),
        ("expire", -5, 1),
    ):
        c.points(entry_type, day, points, c.name[3:])


@case
def points_expire_to_0(c):
    """The balance ends at exactly 0."""
    c.user()
    c.points("earn", -50, "100.5", c.name[3:])
    c.points("expire", -40, "100.5", c.name[3:])


@case
def points_in_one_instant(c):
    """Burnt in the second in which they are earned: earned first."""
    c.user()
    c.points("burn", -50, 100, c.name[3:])
    c.points("earn", -50, 100, c.name[3:])


@case
def points_of_two_accounts(c):
    """Earned by one account and burnt by another of the same customer."""
    for who in ("a", "b"):
        c.user(-100, who, email=f"{c.name}@example.com")
    c.points("earn", -50, 100, user_id=c.id("a"))
    c.points("burn", -40, 100, user_id=c.id("b"))


@case
def points_bad_rows(c):
    """Nobody's, an unknown type, none or fewer points, times no row may have."""
    c.points("earn", -50, 10, "nobody")
    c.points("earn", -50, 10, "excluded_account")
    c.points("gift", -50, 10, "month_end")
    for points in (0, -1, "", "many"):
        c.points("earn", -50, points, "month_end")
    for day in ("", "soon", "2999-01-01", "1999-12-31"):
        c.points("earn", day, 10, "month_end")
    c.points("earn", 1, 10, "month_end")


@case
def duplicate_points(c):
    """One id twice: the first by the columns survives."""
    for day in (-30, -31):
        c.points("earn", day, 10, "month_end", entry_id=f"{c.name}_t1")


# Deals ------------------------------------------------------------------------------


@case
def deal_won(c):
    """From lead to won in twenty days; it skips a stage and its amount changes."""
    c.deal("lead", -40, whose="month_end")
    c.deal("qualified", -35, whose="month_end")
    c.deal("negotiation", -25, "1200.00", whose="month_end")
    c.deal("won", -20, "1100.00", whose="month_end")


@case
def deal_back_and_lost(c):
    """A stage entered twice, then lost; nobody of the users."""
    for stage, day in (("lead", -60), ("proposal", -50), ("lead", -40), ("lost", -30)):
        c.deal(stage, day)


@case
def deal_idle(c):
    """The last entry 30 and 31 days before the last day."""
    for number, day in enumerate((-30, -31)):
        c.deal("lead", day, deal_id=f"{c.name}_{number}")


@case
def deal_after_last_day(c):
    """Won after the last day: open until then."""
    c.deal("lead", -10)
    c.deal("won", 1)


@case
def deal_bad_rows(c):
    """An unknown stage, an amount below 0, nobody's, times no row may have."""
    c.deal("dreaming", -40)
    c.deal("lead", -40, "-0.01")
    c.deal("lead", -40, "much")
    c.deal("lead", -40, whose="nobody")
    c.deal("lead", -40, whose="excluded_account")
    c.deal("", -40)
    for day in ("", "soon", "2999-01-01", "1999-12-31"):
        c.deal("lead", day)


@case
def duplicate_deal(c):
    """The same entry twice: the smaller amount survives."""
    for amount in ("20.00", "10.00"):
        c.deal("lead", -40, amount)
