"""The results of a study on a page: intervals drawn, numbers beside them, raters and their flags; grays and shapes only."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from workbench.analysis.results import Results
from workbench.reports import figures, plots
from workbench.reports.system_labels import shortened
from workbench.ui.shared import wording
from workbench.ui.shared.charts import show

__all__ = ["draw", "draw_effects", "draw_raters", "draw_sensitivity"]

SIGNIFICANT = 0.05
MOST_NAMED = 3
"""Pairs that are named in the sentence above the charts; the table has all."""


def draw(results: Results) -> None:
    """The systems and their differences: what stands, then the pictures, then the numbers."""
    results, shared = shortened(results)
    for note in [*results.notes, *([f"All systems share: {shared}"] if shared else [])]:
        st.caption(wording.plain(note))
    _figures(results)
    st.markdown(_verdict(results))
    if results.method == "category":
        _scores(results)
    else:
        _preferences(results)
    if results.pairs:
        st.markdown("### Pair by pair")
        show(figures.pairs(results), "Differences of systems with intervals; a table follows")
        st.dataframe([_pair(row) for row in results.pairs], hide_index=True)


def _figures(results: Results) -> None:
    known = [row["alpha"] for row in results.agreement if row["alpha"] is not None]
    alpha = "–" if not known else f"{known[0]:.2f}" if len(known) == 1 else f"{min(known):.2f} to {max(known):.2f}"
    columns = st.columns(4)
    columns[0].metric("Votes", f"{results.votes:,}")
    columns[1].metric("Raters", len(results.raters))
    columns[2].metric("Flagged raters", sum(bool(row["flags"]) for row in results.raters), help="They count until they are excluded.")
    columns[3].metric(
        "Krippendorff's alpha",
        alpha,
        help="Agreement: 1 is perfect, 0 is what chance gives. It needs pictures with two votes or more; each scale has its own.",
    )


def _verdict(results: Results) -> str:
    """What stands after correction for all pairs, as a sentence."""
    tested = [row for row in results.pairs if row.get("p_holm") is not None]
    if not tested:
        return "No two systems are compared by a test yet: that needs two systems, votes on both, and six raters or more."
    differ = sorted((row for row in tested if row["p_holm"] < SIGNIFICANT), key=lambda row: row["p_holm"])
    if not differ:
        return f"No difference stands among {wording.count(len(tested), 'pair')} of systems, corrected for all of them (Holm)."
    named = "; ".join(_named(row) for row in differ[:MOST_NAMED])
    rest = f"; and {len(differ) - MOST_NAMED} more below" if len(differ) > MOST_NAMED else ""
    return f"**{len(differ)} of {wording.count(len(tested), 'pair')}** of systems differ after correction for all of them: {named}{rest}."


def _named(row: Mapping[str, Any]) -> str:
    first, second = row["system_a"], row["system_b"]
    better, worse = (first, second) if row["difference"] > 0 else (second, first)
    scale = f" on {wording.plain(row['scale'])}" if row.get("scale") else ""
    return f"{wording.plain(better)} is above {wording.plain(worse)}{scale} (p {_p(row['p_holm'], '= ')})"


def _preferences(results: Results) -> None:
    rates, rate = st.container(), figures.rate_of(results.method)
    if results.headline == "strengths":
        strengths, rates = st.columns(2)
        with strengths:
            show(figures.systems(results), "Strengths with intervals; a table follows")
    with rates:
        show(figures.rates(results), f"{rate.capitalize()} with intervals; a table follows")
    st.dataframe([_system(row, rate) for row in sorted(results.systems, key=lambda row: -(row["win_rate"] or 0))], hide_index=True)


def _scores(results: Results) -> None:
    show(figures.systems(results), "Mean scores with intervals; a table follows")
    rows = [
        {
            "system": row["name"], "scale": row["scale"], "values": row["votes"], "mean (95 %)": _within(row, "mean", "low", "high"),
            "recovered (95 %)": _within(row, "recovered", "recovered_low", "recovered_high"),
        }
        for row in results.systems
    ]  # fmt: skip
    st.dataframe(rows, hide_index=True)
    st.caption("Recovered scores are without the raters' bias, weighted by their consistency (ITU-T P.910, Appendix VI).")


def draw_effects(results: Results) -> None:
    """What order, side, the caption's level and the number of instances do, and how well originals are told apart."""
    results, _ = shortened(results)
    if not (results.order or results.detection or results.effects):
        st.caption(
            "Nothing here yet: effects need votes with known sides, pictures at several levels or numbers of instances, or the original "
            "among the systems."
        )
    if results.order:
        _order(results.order)
    if results.detection:
        st.markdown("### Told from the original")
        show(figures.detection(results), "d′ with intervals; a table follows")
        st.dataframe([_detected(row) for row in results.detection], hide_index=True)
    for effect, chart in zip(results.effects, figures.effects(results), strict=True):
        scale = f": {wording.plain(effect['scale'])}" if "scale" in effect else ""
        st.markdown(f"### By {wording.plain(effect['factor'])}{scale}")
        st.markdown(_difference("differences" if results.method == "category" else "strengths", effect["p_value"]))
        show(chart, "Systems by group with intervals")


def _difference(what: str, p_value: float | None) -> str:
    """Whether the systems differ between groups, in a sentence; where nothing was tested, that."""
    if p_value is None:
        return f"Too little is known to test whether the systems' {what} differ between groups."
    verdict = "differ between groups" if p_value < SIGNIFICANT else "are not shown to differ between groups"
    return f"The systems' {what} {verdict} (permutation test, p {_p(p_value, '= ')})."


def _order(order: Mapping[str, Any]) -> None:
    """What the side of a picture does; where too few raters answered to test it, only how often the left one was chosen."""
    st.markdown("### Order and side")
    chosen = f"the first (left) picture was chosen in {order['first_share']:.0%} of decided answers."
    if order["p_value"] is None:
        st.markdown(f"Too few raters to test whether the side matters: {chosen}")
        return
    form, unit = (".1%", "") if order["unit"] == "share" else (".2f", f" {order['unit']}")
    matters = "Side matters" if order["p_value"] < SIGNIFICANT else "No liking for a side is shown"
    effect = f"{_within(order, 'effect', 'low', 'high', form)}{unit}"
    st.markdown(f"{matters}: {chosen} Its effect is {effect}, p {_p(order['p_value'], '= ')}.")


def _detected(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "system": row["name"], "votes": row["votes"], "original found": wording.share(row["right"]),
        "d′ (95 %)": _within(row, "d_prime", "low", "high"),
        "criterion (95 %)": _within(row, "criterion", "criterion_low", "criterion_high"),
    }  # fmt: skip


def draw_sensitivity(results: Results) -> None:
    """The same votes by other analyses; what holds in all of them does not hang on a choice made here."""
    if not results.sensitivity:
        st.caption("Nothing to compare: no rater is flagged, nobody is simulated, nobody called a tie, and sides are not known.")
        return
    st.markdown("The same votes by other analyses. What holds in all of them does not hang on a choice made here.")
    results, _ = shortened(results)
    show(figures.sensitivity(results), "Systems by analysis with intervals; a table follows")
    everybody = {"analysis": "main analysis", "votes": results.votes, "raters": len(results.raters), "systems": results.systems}
    st.dataframe(_by_analysis([everybody, *results.sensitivity]), hide_index=True)


def _by_analysis(analyses: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """A row a system (and scale), a column an analysis: its strength or mean with the interval, else its win rate."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for each in analyses:
        column = f"{each['analysis']}: {wording.count(each['votes'], 'vote')} by {wording.count(each['raters'], 'rater')}"
        for row in each["systems"]:
            scale = {"scale": row["scale"]} if "scale" in row else {}
            place = rows.setdefault((row["name"], *scale.values()), {"system": row["name"]} | scale)
            middle = next((key for key in ("mean", "strength") if row.get(key) is not None), None)
            place[column] = _within(row, middle, "low", "high") if middle else f"wins {wording.share(row.get('win_rate'))}"
    return list(rows.values())


def draw_raters(results: Results) -> None:
    """How raters voted: agreement against pace, and what was noticed about each, the flagged ones first."""
    flagged = sum(bool(row["flags"]) for row in results.raters)
    st.markdown(f"### How they voted: {flagged} of {wording.count(len(results.raters), 'rater')} flagged")
    show(plots.raters(results.raters), "Raters by agreement and pace; a table follows")
    rows = sorted(results.raters, key=lambda row: (-len(row["flags"]), row["agreement"] if row["agreement"] is not None else 2))
    st.dataframe([_rater(row) for row in rows], hide_index=True, column_config={"noticed": st.column_config.TextColumn(width="large")})


NUMBERS = {"reliability": ".2f", "correlation": ".2f", "bias": "+.2f", "inconsistency": ".2f"}
"""Columns of `rater_flags.raters_of` that only some methods have."""


def _rater(row: Mapping[str, Any]) -> dict[str, Any]:
    checks = "–" if not row["checks"] else f"{row['checks_right']} of {row['checks']}"
    line = {"rater": row["rater"] + (" (simulated)" if row["simulated"] else ""), "noticed": "; ".join(row["flags"]), "votes": row["votes"]}
    line |= {"agreement": _number(row["agreement"], ".2f"), "median s": _number(row["median_seconds"], ".1f"), "checks right": checks}
    line |= {name: _number(row[name], form) for name, form in NUMBERS.items() if name in row}
    return line | ({"may guess": _number(row["guessing"], ".0%")} if row.get("guessing") is not None else {})


def _system(row: Mapping[str, Any], rate: str) -> dict[str, Any]:
    """A system's line: its name first, every number with its interval."""
    line = {"system": row["name"], "strength (95 %)": _within(row, "strength", "low", "high", "+.2f")}
    line |= {f"{rate} (95 %)": _within(row, "win_rate", "win_rate_low", "win_rate_high", ".0%")}
    line |= {"mean rank": _number(row["mean_rank"], ".2f")} if "mean_rank" in row else {}
    return line | {name: row[name] for name in ("wins", "ties", "losses", "votes") if name in row}


def _pair(row: Mapping[str, Any]) -> dict[str, Any]:
    line = {"pair": f"{row['system_a']} over {row['system_b']}"} | ({"scale": row["scale"]} if "scale" in row else {})
    if "win_rate" in row:
        line |= {"win rate (95 %)": _within(row, "win_rate", "win_rate_low", "win_rate_high", ".0%")}
        line |= {name: row[name] for name in ("wins", "ties", "losses")}
    line |= {"difference (95 %)": _within(row, "difference", "difference_low", "difference_high", "+.2f")}
    line |= {"p": _p(row.get("p_difference")), "p, Holm": _p(row.get("p_holm"))}
    return line | ({"p, even chance": _p(row["p_value"])} if "p_value" in row else {})


def _within(row: Mapping[str, Any], middle: str, low: str, high: str, form: str = ".2f") -> str:
    if row.get(middle) is None:
        return "–"
    bounds = "" if row.get(low) is None else f" ({_number(row[low], form)} to {_number(row[high], form)})"
    return _number(row[middle], form) + bounds


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else f"{value:{form}}".replace("-", "−")


def _p(value: float | None, equals: str = "") -> str:
    return "–" if value is None else "< 0.001" if value < 0.001 else f"{equals}{value:.3f}"
