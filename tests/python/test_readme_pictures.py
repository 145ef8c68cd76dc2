"""The pictures of the README: well-formed, with the numbers of the tables."""

import re
from datetime import date
from xml.etree import ElementTree

import draw_readme_pictures as pictures

SVG = "{http://www.w3.org/2000/svg}"


def words(picture):
    """Every text of a picture."""
    return [node.text for node in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_a_triangle_shows_every_rate_in_its_row():
    cohorts = [(date(2024, 1, 1), 20, [1.0, 0.5]), (date(2024, 2, 1), 8, [0.25])]

    shown = words(pictures.draw_triangle(cohorts))

    assert shown[-7:] == ["Jan 2024", "20", "100%", "50%", "Feb 2024", "8", "25%"]
    assert {"+0", "+1"} <= set(shown) and "+2" not in shown


def test_a_darker_cell_is_a_higher_rate():
    shades = [int(pictures.shade(rate)[1:3], 16) for rate in (0, 0.5, 1)]
    assert shades == sorted(shades, reverse=True)


def test_a_flow_has_a_band_per_pair_and_the_sums_beside_the_bars():
    stages = [("P", "purchase"), ("none", "no stage")]
    flows = {("P", "P"): 6, ("none", "P"): 3, ("none", "none"): 1}

    picture = pictures.draw_flow(stages, ["31 May", "30 June"], flows)

    titles = re.findall("<title>(.*?)</title>", picture)
    assert titles == ["P to P: 6", "none to P: 3", "none to none: 1"]
    assert [word for word in words(picture) if word.isdigit()] == ["6", "4", "9", "1"]


def test_labels_are_escaped():
    stages = [("P", "<buy & keep>")]
    picture = pictures.draw_flow(stages, ["a", "b"], {("P", "P"): 1})
    assert "<buy & keep>" in words(picture)


def test_a_back_test_shows_both_numbers_of_every_row():
    shown = words(pictures.draw_backtest([(0, 0.5, 0.25), (7, 4.0, 3.5)]))
    assert shown[-6:] == ["0.5", "0.2", "0", "4.0", "3.5", "7+"]


def test_a_threshold_curve_marks_what_is_recommended():
    shown = words(pictures.draw_threshold([(1, 0.5, False), (90, 0.09, True)]))
    assert shown[-1] == "90 days, 9% come back"
