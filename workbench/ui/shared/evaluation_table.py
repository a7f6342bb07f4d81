"""Evaluations as a table: how well the colors follow the words, then how near they come to the original's."""

from collections.abc import Iterable, Mapping

import streamlit as st

from db.enums import CaptionLevel
from db.models import Evaluation
from workbench.ui.shared import wording

FIDELITY = {"PSNR dB": "psnr", "SSIM": "ssim", "ΔE00": "delta_e", "colorfulness": "colorfulness", "colorfulness gap": "colorfulness_gap"}
SHARES = ("adherence", *(wording.level(level) for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)), "all right")


def draw(found: Iterable[Evaluation], labels: Mapping[int, str]) -> None:
    """A line for each evaluation; `labels` name releases by id."""
    columns = {name: st.column_config.NumberColumn(format="percent") for name in SHARES}
    st.dataframe([row(each, labels) for each in found], hide_index=True, column_config=columns)


def row(found: Evaluation, labels: Mapping[int, str]) -> dict[str, str | int | float | None]:
    """One evaluation: shares in [0, 1], over all captions and over those of each level that names colors."""
    metrics, by_level = found.metrics, found.metrics.get("by_level", {})
    shares = [
        metrics.get("adherence"),
        *(by_level.get(level.value, {}).get("adherence") for level in (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)),
        metrics.get("right"),
    ]
    fidelity = {title: None if metrics.get(name) is None else round(metrics[name], 2) for title, name in FIDELITY.items()}
    place = f"{labels.get(found.release_id, 'a release')}, {found.split.value}"
    return {"evaluated on": place, "items": metrics.get("items"), **dict(zip(SHARES, shares, strict=True)), **fidelity}
