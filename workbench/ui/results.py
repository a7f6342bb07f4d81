"""The results of a study on a page: intervals drawn, numbers beside them, raters and their flags; grays and shapes only."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import altair as alt
import streamlit as st

from workbench.analysis import Results
from workbench.ui import wording
from workbench.ui.charts import grayscale

SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]


def draw(found: Results) -> None:
    """Everything that a study says."""
    for note in found.notes:
        st.caption(note)
    if found.method == "category":
        _intervals(found.systems, "mean", "low", "high", "Mean opinion score with its 95 % interval", None)
    else:
        _intervals(found.systems, "win_rate", "win_rate_low", "win_rate_high", "Win rate with its 95 % interval", 0.5)
    alpha = "not computable" if found.alpha is None else f"{found.alpha:.2f}"
    st.markdown(f"{wording.count(found.votes, 'vote')} · Krippendorff's alpha **{alpha}**")
    st.dataframe([_system(row) for row in found.systems], hide_index=True)
    if found.pairs:
        st.caption("Pair by pair; p is that of a two-sided sign test, ties left out.")
        st.dataframe([_pair(row) for row in found.pairs], hide_index=True)
    with st.expander(f"{wording.count(len(found.raters), 'rater')} and what was noticed about them"):
        st.dataframe([_rounded(row) | {"flags": "; ".join(row["flags"])} for row in found.raters], hide_index=True)


def _intervals(systems: list[dict[str, Any]], middle: str, low: str, high: str, title: str, even: float | None) -> None:
    rows = [
        {"system": " ".join(filter(None, [row["name"], row.get("scale")])), "value": row[middle], "low": row[low], "high": row[high]}
        for row in systems
        if row[middle] is not None
    ]
    scale = alt.Scale(domain=[0, 1]) if even is not None else alt.Scale(domain=[1, 5])
    base = alt.Chart(alt.Data(values=rows)).encode(y=alt.Y("system:N", title=None, axis=alt.Axis(labelLimit=420)))
    bars = base.mark_rule(color="#1b1b1b", strokeWidth=2).encode(x=alt.X("low:Q", title=title, scale=scale), x2="high:Q")
    points = base.mark_point(filled=True, size=90, color="#1b1b1b", opacity=1).encode(
        x="value:Q", shape=alt.Shape("system:N", legend=None, scale=alt.Scale(range=SHAPES))
    )
    layers = [bars, points]
    if even is not None:
        rule = alt.Chart(alt.Data(values=[{"even": even}])).mark_rule(color="#8a8a8a", strokeDash=[4, 4]).encode(x="even:Q")
        layers.insert(0, rule)
    chart = alt.layer(*layers).properties(height=alt.Step(34))
    st.altair_chart(grayscale(chart), width="stretch", theme=None)


def _system(row: Mapping[str, Any]) -> dict[str, Any]:
    """A system's line: its name first, every number with its interval."""
    if "mean" in row:
        return {"system": row["name"], "scale": row["scale"], "mean": _within(row, "mean", "low", "high", ".2f"), "values": row["votes"]}
    line = {"system": row["name"], "win rate": _within(row, "win_rate", "win_rate_low", "win_rate_high", ".0%")}
    line |= {name: row[name] for name in ("wins", "ties", "losses", "votes")}
    return line | {"strength (logits)": _within(row, "strength", "low", "high", "+.2f")}


def _pair(row: Mapping[str, Any]) -> dict[str, Any]:
    line = {"pair": f"{row['system_a']} over {row['system_b']}"}
    line |= {"win rate": _within(row, "win_rate", "win_rate_low", "win_rate_high", ".0%")}
    line |= {name: row[name] for name in ("wins", "ties", "losses", "votes")}
    return line | {"p": "–" if row["p_value"] is None else f"{row['p_value']:.3f}"}


def _within(row: Mapping[str, Any], middle: str, low: str, high: str, form: str) -> str:
    if row[middle] is None:
        return "–"
    bounds = "" if row[low] is None else f" ({row[low]:{form}} to {row[high]:{form}})"
    return f"{row[middle]:{form}}{bounds}"


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: round(value, 3) if isinstance(value, float) else value for name, value in row.items()}


def as_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Every vote as a line of text, for other tools."""
    rows = list(rows)
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
