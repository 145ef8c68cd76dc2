"""The comparison itself: it must see every kind of difference."""

from datetime import date
from decimal import Decimal

import pytest
from compare import assert_same, differences, is_same


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (None, 0),
        (1, True),
        (1, 1.0),
        (Decimal("1.00"), 1.0),
        (Decimal("1.00"), Decimal("1.01")),
        (1.0, 1.0 + 2e-9),
        (0.0, 1e-11),
        (float("nan"), float("nan")),
        ("a", "A"),
    ],
)
def test_cells_that_differ(expected, got):
    assert not is_same(expected, got)


@pytest.mark.parametrize(
    ("expected", "got"),
    [(None, None), (1.0, 1.0 + 1e-10), (0.0, 1e-13), (Decimal("1.0"), Decimal("1.00"))],
)
def test_cells_that_agree(expected, got):
    assert is_same(expected, got)


def test_fitted_numbers_agree_to_a_tolerance_of_their_own():
    def row(value, count=1):
        key = {"model": "bg_nbd", "cohort_month": None, "parameter": "r"}
        return [{**key, "value": value, "observation_count": count}]

    table = "fct_model_parameters"
    assert differences(table, row(0.243), row(0.2435)) == []
    assert len(differences(table, row(0.243), row(0.245))) == 1
    assert len(differences(table, row(0.243), row(0.243, count=2))) == 1
    assert len(differences(table, row(0.243), row(None))) == 1


def day(number, **columns):
    return {"date_day": date(2024, 1, number), **columns}


def test_every_difference_of_a_table_is_told():
    expected = [day(1, dau_count=1), day(2, dau_count=2), day(3, dau_count=3)]
    got = [day(1, dau_count=1), day(2, dau_count=5), day(4, dau_count=1)] + expected[:1]
    assert differences("rpt_active_users", expected, got) == [
        "rpt_active_users: two rows (datetime.date(2024, 1, 1),)",
        "rpt_active_users: missing row (datetime.date(2024, 1, 3),)",
        "rpt_active_users: unexpected row (datetime.date(2024, 1, 4),)",
        "rpt_active_users (datetime.date(2024, 1, 2),) dau_count: expected 2, got 5",
    ]


def test_a_column_that_is_not_published_is_told():
    found = differences("rpt_active_users", [day(1, dau_count=1)], [day(1)])
    assert found == ["rpt_active_users: no column dau_count"]


def test_a_published_column_that_is_not_expected_is_not_compared():
    assert_same("rpt_active_users", [day(1)], [day(1, dau_count=1)])


def test_a_table_without_a_key_is_a_bag_of_rows():
    row = {"input_name": "orders", "reason_code": "null_key"}
    found = differences("audit_rejected_rows", [row, row], [row])
    assert found == ["audit_rejected_rows: missing ('orders', 'null_key')"]
