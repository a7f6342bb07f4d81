"""Evaluations as a table: how well the colors follow the words, then how near they come to the original's."""

from collections.abc import Iterable, Mapping

import streamlit as st

from db.enums import CaptionLevel
from db.models import Evaluation
from workbench.colorizations.evaluations import Comparison
from workbench.ui.shared import wording

FIDELITY = {"PSNR dB": "psnr", "SSIM": "ssim", "ΔE00": "delta_e", "colorfulness": "colorfulness", "colorfulness gap": "colorfulness_gap"}
RANGES = {"adherence %, 95 % of it": ("adherence", 100), "ΔE00, 95 % of it": ("delta_e", 1)}
"""Intervals over images, as text."""
CHANGES = {"adherence, points": ("adherence", 100), "all right, points": ("right", 100), "ΔE00": ("delta_e", 1), "PSNR dB": ("psnr", 1)}
SHARES = ("adherence", *(wording.level(level) for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)), "all right")


def draw(rows: Iterable[Evaluation], labels: Mapping[int, str]) -> None:
    """A line for each evaluation; `labels` name releases by id."""
    columns = {name: st.column_config.NumberColumn(format="percent") for name in SHARES}
    st.dataframe([row(each, labels) for each in rows], hide_index=True, column_config=columns)


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
    place = f"{labels.get(evaluation.release_id, 'a release')}, {evaluation.split.value}"
    return {"evaluated on": place, "items": metrics.get("items"), **dict(zip(SHARES, shares, strict=True)), **fidelity, **ranges}


def _range(ends: list[float] | None, scale: float) -> str | None:
    return None if ends is None else f"{ends[0] * scale:.1f} to {ends[1] * scale:.1f}"


def said(compared: Comparison) -> str:
    """What became better and worse from one checkpoint to another, each with its 95 % interval over images."""
    told = []
    for title, (name, scale) in CHANGES.items():
        change = compared.differences.get(name)
        if change is not None:
            ends = "" if change.low is None or change.high is None else f" ({change.low * scale:+.1f} to {change.high * scale:+.1f})"
            told.append(f"{title} {change.mean * scale:+.1f}{ends}")
    return "; ".join(told) + "."
