"""Evaluations as a table: how well the colors follow the words, then how near they come to the original's."""

from collections.abc import Iterable, Mapping

import streamlit as st

from db.enums import CaptionLevel
from db.models import Evaluation
from workbench.colorizations.evaluations import Comparison, by_captions_alone
from workbench.ui.shared import wording

FIDELITY = {"PSNR dB": "psnr", "SSIM": "ssim", "ΔE00": "delta_e", "colorfulness": "colorfulness", "colorfulness gap": "colorfulness_gap"}
RANGES = {"adherence %, 95 % of it": ("adherence", 100), "ΔE00, 95 % of it": ("delta_e", 1)}
"""Intervals over images, as text."""
CHANGES = {"adherence, points": ("adherence", 100), "all right, points": ("right", 100), "ΔE00": ("delta_e", 1), "PSNR dB": ("psnr", 1)}
SHARES = ("adherence", *(wording.level(level) for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)), "all right")


def draw(rows: Iterable[Evaluation], labels: Mapping[int, str]) -> None:
    """A line for each evaluation, without the columns that say nothing of any; `labels` name releases by id."""
    columns = {name: st.column_config.NumberColumn(format="percent") for name in SHARES}
    table = [row(each, labels) for each in rows]
    known = [name for name in table[0] if any(line[name] is not None for line in table)] if table else []
    st.dataframe([{name: line[name] for name in known} for line in table], hide_index=True, column_config=columns)


def row(evaluation: Evaluation, labels: Mapping[int, str]) -> dict[str, str | int | float | None]:
    """One evaluation: shares in [0, 1], over all captions and over those of each level that names colors."""
    metrics, by_level = evaluation.metrics, evaluation.metrics.get("by_level", {})
    shares = [
        metrics.get("adherence"),
        *(by_level.get(level.value, {}).get("adherence") for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)),
        metrics.get("right"),
    ]
    all_items = metrics.get("intervals", {}).get("all", {})
    ranges = {title: _range(all_items.get(name), scale) for title, (name, scale) in RANGES.items()}
    fidelity = {title: None if metrics.get(name) is None else round(metrics[name], 2) for title, name in FIDELITY.items()}
    return {
        "evaluated on": place(evaluation, labels),
        "items": metrics.get("items"),
        **dict(zip(SHARES, shares, strict=True)),
        **fidelity,
        **ranges,
    }


def place(evaluation: Evaluation, labels: Mapping[int, str]) -> str:
    """What was evaluated: "kitchen 1.0.0, test", and whether captions alone steered it."""
    alone = ", captions alone" if by_captions_alone(evaluation) else ""
    return f"{labels.get(evaluation.release_id, 'a release')}, {evaluation.split.value}{alone}"


def _range(ends: list[float] | None, scale: float) -> str | None:
    return None if ends is None else f"{ends[0] * scale:.1f} to {ends[1] * scale:.1f}"


def _signed(change: float) -> str:
    """A change with its sign; what is nothing when rounded has none."""
    text = f"{change:+.1f}"
    return "±0.0" if text in ("+0.0", "-0.0") else text


def said(compared: Comparison) -> str:
    """What became better and worse from one checkpoint to another, each with its 95 % interval over images."""
    told = []
    for title, (name, scale) in CHANGES.items():
        change = compared.differences.get(name)
        if change is not None:
            ends = (
                "" if change.low is None or change.high is None else f" ({_signed(change.low * scale)} to {_signed(change.high * scale)})"
            )
            told.append(f"{title} {_signed(change.mean * scale)}{ends}")
    return "; ".join(told) + "."
