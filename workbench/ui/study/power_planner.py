"""How many votes and raters a question needs, asked before a study is made."""

import math
from dataclasses import replace

import altair as alt
import numpy as np
import streamlit as st

from workbench.analysis.power import MOST_RATERS, PlannedComparison, power_of, raters_needed
from workbench.analysis.sample_size import votes_needed
from workbench.errors import WorkbenchError
from workbench.ui.shared import wording
from workbench.ui.shared.charts import show

__all__ = ["draw"]

DIFFER = {"hardly": 0.1, "somewhat": 0.2, "much": 0.4}
"""Standard deviation, in logits, of one system's strength over raters, and over images."""
BESIDE = (0.55, 0.6, 0.65, 0.7)
"""Win rates that the table shows beside the one asked for."""
POINTS = 40
INK, GRAY = "#1b1b1b", "#8a8a8a"


@st.fragment
def draw() -> None:
    """The question, the answer as a sentence, and what more or fewer raters would do."""
    try:
        rate, power, design = _asked()
        needed = raters_needed(design, rate, power=power)
        alone = votes_needed(rate, power=power, tie_rate=design.tie_rate)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    design = replace(design, raters=needed)
    st.markdown(_answer(design, rate, power))
    pictured, listed = st.columns([3, 2])
    with pictured:
        show(_curves(design, rate, power), "The chance to show the preference, by number of raters")
    with listed:
        st.dataframe([_row(design, other, power) for other in sorted({*BESIDE, rate})], hide_index=True)
        st.caption(
            f"Were all votes independent and the two systems the only ones, {alone:,} votes on them would do (exact sign test). Raters who "
            "differ, images that differ, and the correction for all pairs ask for more."
        )


def _asked() -> tuple[float, float, PlannedComparison]:
    first, second = st.columns(4), st.columns(4)
    percent = first[0].number_input("Win rate to be shown, %", 51, 95, 60, help="How often the better of two is preferred, ties left out.")
    power = first[1].number_input("Chance to show it, %", 50, 99, 80, help="The power of the study.")
    systems = first[2].number_input("Systems", 2, 20, 3, help="Every two of them are compared.")
    images = first[3].number_input("Images", 2, 5000, 60)
    trials = second[0].number_input("Votes of one rater", 1, 2000, 30)
    ties = second[1].number_input("Ties expected, %", 0, 90, 10)
    raters = second[2].selectbox(
        "Raters differ", DIFFER, index=1, help="In what they like; without a pilot study, somewhat is a fair guess."
    )
    pictures = second[3].selectbox("Images differ", DIFFER, index=1, help="In which system suits them.")
    design = PlannedComparison(int(systems), 2, int(trials), int(images), ties / 100, DIFFER[raters], DIFFER[pictures])
    return percent / 100, power / 100, design


def _answer(design: PlannedComparison, rate: float, power: float) -> str:
    votes, trials = design.raters * design.trials, design.images * math.comb(design.systems, 2)
    return (
        f"**{wording.count(design.raters, 'rater')} of {wording.count(design.trials, 'vote')} each, {votes:,} votes in all.** That is "
        f"{math.ceil(votes / trials)} votes a trial with {trials:,} trials, and shows a win rate of {rate:.0%} with a chance of "
        f"{power_of(design, rate):.0%} (asked: {power:.0%}), corrected for all {wording.count(math.comb(design.systems, 2), 'pair')}."
    )


def _row(design: PlannedComparison, rate: float, power: float) -> dict[str, str]:
    try:
        raters = raters_needed(design, rate, power=power)
    except WorkbenchError:
        return {"win rate": f"{rate:.0%}", "raters": f"over {MOST_RATERS:,}", "votes": "–"}
    return {"win rate": f"{rate:.0%}", "raters": f"{raters:,}", "votes": f"{raters * design.trials:,}"}


def _curves(design: PlannedComparison, rate: float, power: float) -> alt.LayerChart:
    """Power against raters for the win rate asked for (drawn through) and for two nearer and farther ones (dashed)."""
    most = max(10, 2 * design.raters)
    counts = sorted({*np.linspace(2, most, POINTS).round().astype(int).tolist(), design.raters})
    rates = [each for each in (rate - 0.03, rate, rate + 0.03) if 0.5 < each < 1]
    names = [f"{each:.0%}" for each in rates]
    rows = [{"raters": count, "power": power_of(replace(design, raters=count), each), "win rate": name}
            for each, name in zip(rates, names, strict=True) for count in counts]  # fmt: skip
    dash = alt.Scale(domain=names, range=[[1, 0] if each == rate else [6, 4] if each < rate else [2, 3] for each in rates])
    lines = alt.Chart(alt.Data(values=rows)).mark_line(color=INK, strokeWidth=2).encode(
        x=alt.X("raters:Q", title="raters"),
        y=alt.Y("power:Q", title="chance to show it", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        strokeDash=alt.StrokeDash("win rate:N", scale=dash, sort=names, legend=alt.Legend(orient="top", symbolStrokeColor=INK)),
    )  # fmt: skip
    rule = alt.Chart(alt.Data(values=[{"power": power}])).mark_rule(color=GRAY, strokeDash=[4, 4]).encode(y="power:Q")
    point = alt.Chart(alt.Data(values=[{"raters": design.raters, "power": power_of(design, rate)}]))
    point = point.mark_point(filled=True, size=90, color=INK, opacity=1).encode(x="raters:Q", y="power:Q")
    return alt.layer(rule, lines, point).properties(height=260)
