"""Draw the pictures of the README and of docs from the published file, as SVG.

    python scripts/draw_readme_pictures.py

Writes docs/images/retention_triangle.svg (what share of each month's new customers was
active how many months later) and docs/images/aipl_flow.svg (from which AIPL stage to
which one customers moved between the last two month ends), and for docs/prediction.md
and docs/churn.md prediction_backtest.svg (orders expected and come, by repeat orders
before) and churn_threshold.svg (how many come back after so many idle days).
"""

import sys
from html import escape

import duckdb
from project import PROJECT
from publish import PUBLISHED_FILE

IMAGES = PROJECT / "docs" / "images"

INK, FAINT, PAPER = "#1f2933", "#64707d", "#ffffff"
FONT = "font-family='system-ui, Helvetica, Arial, sans-serif'"
# Ends of the scale of the triangle, 0 % and 100 %.
LIGHT, DARK = (240, 245, 251), (18, 66, 124)
STAGE_COLOURS = {
    "L": "#12427c",
    "P": "#2f7dbd",
    "I": "#45a7a0",
    "A": "#e0a83c",
    "none": "#b4bcc5",
}

RETENTION = """
    select
        cohort_start_date,
        max(cohort_customer_count) as customers,
        list(retention_rate order by period_number) as rates
    from marts.fct_cohort_retention
    where
        cohort_basis = 'registration'
        and activity = 'any'
        and period_grain = 'month'
        and channel = 'all'
        and is_mature
    group by cohort_start_date
    order by cohort_start_date
"""
STAGES = """
    select segment, label_en || ' ' || label_zh
    from marts.dim_segments
    where segmentation = 'AIPL'
    order by segment_rank desc
"""
FLOWS = """
    select date_from, date_to, from_segment, to_segment, customer_count
    from marts.rpt_segment_flows
    where segmentation = 'AIPL' and is_complete
    qualify date_to = max(date_to) over ()
"""
BACKTEST = """
    select
        least(repeat_order_count, 7) as repeats,
        sum(expected_order_count) / sum(customer_count) as expected,
        sum(actual_order_count) / sum(customer_count) as actual
    from marts.rpt_prediction_backtest
    group by repeats
    order by repeats
"""
THRESHOLDS = """
    select idle_days, return_rate, is_recommended
    from marts.rpt_churn_threshold_curve
    where return_rate is not null
    order by idle_days
"""


def svg(width, height, shapes):
    """An SVG file on white paper, readable on a dark page too."""
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'"
            f" width='{width}' height='{height}' {FONT} font-size='12'>",
            box(0, 0, width, height, PAPER),
            *shapes,
            "</svg>\n",
        ]
    )


def box(x, y, width, height, fill):
    """A filled rectangle."""
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{width:.1f}' height='{height:.1f}'"
        f" fill='{fill}'/>"
    )


def text(x, y, words, fill=INK, anchor="start", size=12, weight="normal"):
    """A line of text whose anchor (start, middle, end) stands at x, y."""
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' fill='{fill}' text-anchor='{anchor}'"
        f" font-size='{size}' font-weight='{weight}'>{escape(str(words))}</text>"
    )


def shade(rate):
    """The colour of a rate from 0 to 1."""
    mixed = (
        round(low + (high - low) * rate) for low, high in zip(LIGHT, DARK, strict=True)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def draw_triangle(cohorts):
    """Retention of monthly cohorts: rows of (first day, customers, rates by offset)."""
    left, top, cell_width, cell_height = 150, 92, 44, 24
    columns = max(len(rates) for _, _, rates in cohorts)
    shapes = [
        text(20, 30, "Who comes back?", size=17, weight="bold"),
        text(
            20,
            50,
            "Share of the customers who registered in a month and were active so many"
            " months later",
            fill=FAINT,
        ),
        text(20, top - 10, "month", fill=FAINT),
        text(left - 12, top - 10, "customers", fill=FAINT, anchor="end"),
    ]
    for offset in range(columns):
        x = left + (offset + 0.5) * cell_width
        shapes.append(text(x, top - 10, f"+{offset}", fill=FAINT, anchor="middle"))
    for row, (month, customers, rates) in enumerate(cohorts):
        y = top + row * cell_height
        baseline = y + 16
        shapes.append(text(20, baseline, f"{month:%b %Y}"))
        shapes.append(text(left - 12, baseline, customers, fill=FAINT, anchor="end"))
        for offset, rate in enumerate(rates):
            x = left + offset * cell_width
            ink = PAPER if rate > 0.5 else INK
            shapes.append(box(x, y, cell_width - 2, cell_height - 2, shade(rate)))
            middle = x + cell_width / 2 - 1
            shapes.append(
                text(middle, baseline, f"{rate:.0%}", ink, anchor="middle", size=11)
            )
    width = left + columns * cell_width + 20
    return svg(width, top + len(cohorts) * cell_height + 16, shapes)


def draw_flow(stages, dates, flows):
    """Customers moving between stages.

    stages: (segment, label), the highest first. dates: the two ends, as text. flows:
    (from segment, to segment) -> customers.
    """
    width, top, height, gap, bar = 720, 92, 380, 14, 14
    left, right = 170, width - 170 - bar
    scale = (height - gap * (len(stages) - 1)) / sum(flows.values())
    shapes = [
        text(20, 30, "Where do customers go?", size=17, weight="bold"),
        text(20, 50, "AIPL stage of every customer at two month ends", fill=FAINT),
        text(left + bar, top - 12, dates[0], fill=FAINT, anchor="end"),
        text(right, top - 12, dates[1], fill=FAINT),
    ]
    # The next free height of a stage on each side.
    free = {"from": {}, "to": {}}
    for side, x in (("from", left), ("to", right)):
        y = top
        for segment, label in stages:
            size = sum(
                customers
                for (start, end), customers in flows.items()
                if segment == (start if side == "from" else end)
            )
            free[side][segment] = y
            shapes.append(box(x, y, bar, size * scale, STAGE_COLOURS[segment]))
            beside = x - 10 if side == "from" else x + bar + 10
            shapes += stage_label(beside, y + size * scale / 2, label, size, side)
            y += size * scale + gap
    for start, _ in stages:
        for end, _ in stages:
            customers = flows.get((start, end), 0)
            if customers:
                thickness = customers * scale
                shapes.append(
                    band(
                        (left + bar, free["from"][start]),
                        (right, free["to"][end]),
                        thickness,
                        STAGE_COLOURS[start],
                        f"{start} to {end}: {customers}",
                    )
                )
                free["from"][start] += thickness
                free["to"][end] += thickness
    return svg(width, top + height + 20, shapes)


def draw_backtest(rows):
    """Orders per customer: rows of (repeat orders before, expected, actual)."""
    left, bottom, step, height = 60, 300, 80, 200
    highest = max(max(expected, actual) for _, expected, actual in rows) or 1
    shapes = [
        text(20, 30, "Did they come as expected?", size=17, weight="bold"),
        text(
            20, 50, "Orders per customer since the back-test, by repeat orders before"
        ),
        text(20, 70, "left: expected, right: actual", fill=FAINT),
    ]
    for place, (repeats, expected, actual) in enumerate(rows):
        x = left + place * step
        for offset, value, fill in (
            (0, expected, STAGE_COLOURS["P"]),
            (30, actual, STAGE_COLOURS["A"]),
        ):
            size = height * value / highest
            shapes.append(box(x + offset, bottom - size, 28, size, fill))
            shapes.append(
                text(
                    x + offset + 14, bottom - size - 5, f"{value:.1f}", anchor="middle"
                )
            )
        label = f"{repeats}+" if repeats == 7 else repeats
        shapes.append(text(x + 29, bottom + 18, label, anchor="middle"))
    return svg(left + len(rows) * step + 20, bottom + 36, shapes)


def draw_threshold(rows):
    """Return rates: rows of (idle days, return rate, whether it is recommended)."""
    left, top, width, height = 60, 80, 600, 200
    last, highest = rows[-1][0], max(rate for _, rate, _ in rows) or 1

    def place(days, rate):
        return left + width * days / last, top + height * (1 - rate / highest)

    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*row[:2]) for row in rows))
    shapes = [
        text(20, 30, "When is a customer gone?", size=17, weight="bold"),
        text(20, 50, "Share of the silent who come back, by days of silence"),
        f"<polyline points='{line}' fill='none' stroke='{STAGE_COLOURS['P']}'"
        " stroke-width='2'/>",
        text(left - 8, top + 6, f"{highest:.0%}", fill=FAINT, anchor="end"),
        text(left - 8, top + height, "0%", fill=FAINT, anchor="end"),
        text(left + width, top + height + 18, f"{last} days", FAINT, anchor="end"),
    ]
    for days, rate, is_recommended in rows:
        if is_recommended:
            x, y = place(days, rate)
            shapes.append(box(x, y, 1, top + height - y, INK))
            shapes.append(text(x + 6, y - 6, f"{days} days, {rate:.0%} come back"))
    return svg(left + width + 20, top + height + 36, shapes)


def stage_label(x, y, label, customers, side):
    """A stage's name and size beside its bar."""
    anchor = "end" if side == "from" else "start"
    return [
        text(x, y - 2, label, anchor=anchor),
        text(x, y + 13, f"{customers:,}", fill=FAINT, anchor=anchor),
    ]


def band(start, end, thickness, colour, title):
    """A curved band between two points that are its upper corners."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    return (
        f"<path d='M{x1:.1f},{y1:.1f} C{middle:.1f},{y1:.1f} {middle:.1f},{y2:.1f}"
        f" {x2:.1f},{y2:.1f} v{thickness:.2f} C{middle:.1f},{y2 + thickness:.1f}"
        f" {middle:.1f},{y1 + thickness:.1f} {x1:.1f},{y1 + thickness:.1f} z'"
        f" fill='{colour}' fill-opacity='0.4'><title>{escape(title)}</title></path>"
    )


def main():
    """Draw all pictures."""
    if not PUBLISHED_FILE.exists():
        sys.exit(f"{PUBLISHED_FILE} does not exist: run make build first.")
    with duckdb.connect(PUBLISHED_FILE, read_only=True) as connection:
        cohorts = connection.execute(RETENTION).fetchall()
        stages = connection.execute(STAGES).fetchall()
        rows = connection.execute(FLOWS).fetchall()
        backtest = connection.execute(BACKTEST).fetchall()
        thresholds = connection.execute(THRESHOLDS).fetchall()
    dates = [f"{day:%d %B %Y}".lstrip("0") for day in rows[0][:2]]
    flows = {(start, end): customers for _, _, start, end, customers in rows}
    pictures = {
        "retention_triangle.svg": draw_triangle(cohorts),
        "aipl_flow.svg": draw_flow(stages, dates, flows),
        "prediction_backtest.svg": draw_backtest(backtest),
        "churn_threshold.svg": draw_threshold(thresholds),
    }
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures.items():
        (IMAGES / name).write_text(picture, encoding="utf-8")
        print(f"docs/images/{name}")


if __name__ == "__main__":
    main()
