"""The report's figures: points with their intervals, in grays, told apart by shape; the same on the page and in print."""

from collections.abc import Sequence
from typing import Any

import altair as alt

__all__ = ["SHAPES", "differences", "estimates", "groups", "raters", "sensitivity", "svg"]

SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]
AXIS = alt.Axis(tickCount=8)
INK, FAINT = "#1b1b1b", "#8a8a8a"
WIDTH = 520
"""Pixels of the plotting area; rows grow with their number."""

LEVEL_SHAPES = {"complete": "circle", "partial": "square", "scarce": "triangle-up"}

Rows = Sequence[dict[str, Any]]


def svg(chart: alt.TopLevelMixin) -> str:
    """A chart as SVG text, drawn here: the report needs no script and no network."""
    import vl_convert

    return vl_convert.vegalite_to_svg(_gray(chart).to_json())


def _gray(chart: alt.TopLevelMixin) -> alt.TopLevelMixin:
    dark = "#333333"
    axis: dict[str, Any] = {"labelColor": dark, "titleColor": dark, "gridColor": "#dcdcdc", "domainColor": FAINT, "tickColor": FAINT}
    chart = chart.configure(background="transparent", font="DejaVu Sans, Arial, sans-serif")
    return chart.configure_axis(**axis, titleFontWeight="normal", labelLimit=320).configure_view(stroke=None)


def estimates(
    rows: Rows, middle: str, low: str, high: str, title: str, *, rule: float | None, domain: list[float] | None
) -> alt.LayerChart:
    """A row a system: a point with its interval; a dashed rule where nothing would be preferred."""
    shown: list[dict[str, Any]] = [
        {
            "system": " · ".join(filter(None, [row["name"], row.get("scale")])),
            "name": row["name"],
            "scale": row.get("scale") or "",
            "value": row[middle],
            "low": row[low],
            "high": row[high],
        }
        for row in rows
        if row.get(middle) is not None
    ]
    order = [row["system"] for row in sorted(shown, key=lambda row: (row["scale"], -row["value"]))]
    return _forest(shown, "system", order, title, rule, domain, alt.Shape("name:N", legend=None, scale=alt.Scale(range=SHAPES)))


def differences(pairs: Rows, title: str, significance: float = 0.05) -> alt.LayerChart:
    """A row a pair: the difference with its interval; a circle where it stands after Holm's correction."""
    stands = (f"p < {significance} after Holm", f"not below {significance}")
    shown = [
        {
            "pair": f"{row['system_a']} over {row['system_b']}" + (f" · {row['scale']}" if row.get("scale") else ""),
            "value": row["difference"], "low": row["difference_low"], "high": row["difference_high"],
            "stands": stands[row["p_holm"] is None or row["p_holm"] >= significance],
        }
        for row in pairs
        if row.get("difference") is not None
    ]  # fmt: skip
    shape = alt.Shape("stands:N", title=None, scale=alt.Scale(domain=stands, range=["circle", "cross"]), legend=alt.Legend(orient="top"))
    return _forest(shown, "pair", [row["pair"] for row in shown], title, 0.0, None, shape)


def _forest(rows: Rows, name: str, order: list[str], title: str, rule: float | None, domain, shape: alt.Shape) -> alt.LayerChart:
    scale = alt.Scale(domain=domain) if domain else alt.Scale(zero=False)
    base = alt.Chart(alt.Data(values=list(rows))).encode(y=alt.Y(f"{name}:N", title=None, sort=order))
    bars = base.mark_rule(color=INK, strokeWidth=2).encode(x=alt.X("low:Q", title=title, scale=scale, axis=AXIS), x2="high:Q")
    points = base.mark_point(filled=True, size=90, color=INK, opacity=1).encode(x=alt.X("value:Q", title=title), shape=shape)
    layers = [bars, points]
    if rule is not None:
        even = alt.Chart(alt.Data(values=[{"even": rule}])).mark_rule(color=FAINT, strokeDash=[4, 4]).encode(x="even:Q")
        layers.insert(0, even)
    return alt.layer(*layers).properties(width=WIDTH, height=alt.Step(30))


def groups(effect: dict[str, Any], rate: str) -> alt.LayerChart:
    """By group and system the win rate, under the name `rate`, or the mean score, with its interval; groups side by side."""
    scored = "mean" in effect["groups"][0]["systems"][0]
    keys = ("mean", "low", "high") if scored else ("win_rate", "win_rate_low", "win_rate_high")
    rows = [
        {"group": str(part["group"]), "system": row["name"], "value": row[keys[0]], "low": row[keys[1]], "high": row[keys[2]]}
        for part in effect["groups"]
        for row in part["systems"]
    ]
    names = list(dict.fromkeys(row["group"] for row in rows))
    shapes = [LEVEL_SHAPES.get(name, SHAPES[place % len(SHAPES)]) for place, name in enumerate(names)]
    shape = alt.Shape("group:N", title=effect["factor"], scale=alt.Scale(domain=names, range=shapes), legend=alt.Legend(orient="top"))
    title = "mean opinion score" if scored else rate
    return _offset(rows, "group", names, title, shape, None if scored else [0, 1])


def sensitivity(main: Rows, others: Rows) -> alt.LayerChart:
    """By system the strength (or mean score) with its interval, by each analysis."""
    key = "mean" if "mean" in main[0] else "strength"
    rows = [
        {"analysis": name, "system": " · ".join(filter(None, [row["name"], row.get("scale")])), "value": row[key], "low": row["low"],
         "high": row["high"]}
        for name, systems in [("main analysis", main), *((each["analysis"], each["systems"]) for each in others)]
        for row in systems
        if row.get(key) is not None
    ]  # fmt: skip
    names = list(dict.fromkeys(row["analysis"] for row in rows))
    legend = alt.Legend(orient="top", columns=1, labelLimit=420)
    shape = alt.Shape("analysis:N", title=None, scale=alt.Scale(domain=names, range=SHAPES[: len(names)]), legend=legend)
    return _offset(rows, "analysis", names, "mean opinion score" if key == "mean" else "strength (logits)", shape, None)


def _offset(rows: Rows, key: str, names: list[str], title: str, shape: alt.Shape, domain) -> alt.LayerChart:
    scale = alt.Scale(domain=domain) if domain else alt.Scale(zero=False)
    base = alt.Chart(alt.Data(values=list(rows))).encode(y=alt.Y("system:N", title=None), yOffset=alt.YOffset(f"{key}:N", sort=names))
    bars = base.mark_rule(color=INK, strokeWidth=1.5).encode(x=alt.X("low:Q", title=title, scale=scale, axis=AXIS), x2="high:Q")
    points = base.mark_point(filled=True, size=64, color=INK, opacity=1).encode(x=alt.X("value:Q", title=title), shape=shape)
    return alt.layer(bars, points).properties(width=WIDTH, height=alt.Step(15))


def raters(rows: Rows) -> alt.LayerChart | None:
    """Each rater's agreement with the others against the pace; flagged ones are crosses. None where neither is known."""
    shown = [
        {"agreement": row["agreement"], "seconds": row["median_seconds"], "rater": row["rater"],
         "state": "flagged" if row["flags"] else "not flagged"}
        for row in rows
        if row["agreement"] is not None and row["median_seconds"] is not None
    ]  # fmt: skip
    if not shown:
        return None
    shape = alt.Shape(
        "state:N",
        title=None,
        scale=alt.Scale(domain=["not flagged", "flagged"], range=["circle", "cross"]),
        legend=alt.Legend(orient="top"),
    )
    points = (
        alt.Chart(alt.Data(values=shown))
        .mark_point(size=60, color=INK, filled=True, opacity=0.8)
        .encode(
            x=alt.X("seconds:Q", title="median seconds an answer", scale=alt.Scale(zero=False, nice=True), axis=AXIS),
            y=alt.Y("agreement:Q", title="agreement with others", scale=alt.Scale(zero=False)),
            shape=shape,
        )
    )
    return alt.layer(points).properties(width=WIDTH, height=220)
