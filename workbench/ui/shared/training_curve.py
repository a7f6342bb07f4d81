"""Training on a page: the curve of a log that is being written, and of one that is done."""

import json
from pathlib import Path

import altair as alt
import PIL.Image
import streamlit as st

from db.models import Checkpoint, Run
from workbench.ui.app import context
from workbench.ui.shared import run_progress, wording
from workbench.ui.shared.charts import show

PICTURES = "pictures"
LOG = "checkpoint/training/log.jsonl"
WORTH = {"adherence": "adherence", "delta_e": "ΔE00"}
PHOTO = 200
"""Pixels that a validation photo is wide on the page."""
SMOOTH = 12
"""Steps' losses that one point of the drawn line averages."""


def log_of(checkpoint: Checkpoint) -> Path | None:
    """The log that a checkpoint's training left, if it is still there."""
    key = checkpoint.facts.get("training_key")
    path = context.settings().trainings / str(key) / LOG
    return path if key and path.is_file() else None


def growing_log(run: Run) -> Path | None:
    """The newest log that has grown since the run began; trainings run one at a time."""
    if run.started_at is None:
        return None
    grown = [(path.stat().st_mtime, path) for path in context.settings().trainings.glob(f"*/{LOG}")]
    grown = [entry for entry in grown if entry[0] >= run.started_at.timestamp()]
    return max(grown)[1] if grown else None


def rows_of(path: Path) -> list[dict]:
    """The whole rows of a log so far; a row that is being written is left for the next look."""
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def draw_curve(path: Path) -> None:
    """Training loss as a line, validation losses as marks."""
    rows = rows_of(path)
    losses = [(row["step"], row["loss"]) for row in rows if "loss" in row]
    smooth = [
        {"step": losses[end - 1][0], "loss": sum(loss for _, loss in losses[max(0, end - SMOOTH) : end]) / min(end, SMOOTH)}
        for end in range(1, len(losses) + 1)
    ]
    validated = [{"step": row["step"], "loss": row["validation_loss"]} for row in rows if "validation_loss" in row]
    if not smooth and not validated:
        st.caption("The first losses appear in a moment.")
        return
    x, y = alt.X("step:Q", title="step"), alt.Y("loss:Q", title="loss", scale=alt.Scale(zero=False))
    line = alt.Chart(alt.Data(values=smooth)).mark_line(color="#6e6e6e", strokeWidth=1.5).encode(x=x, y=y)
    marks = alt.Chart(alt.Data(values=validated)).mark_point(color="#1b1b1b", filled=True, size=80, shape="diamond", opacity=1)
    marks = marks.encode(x=x, y=y)
    show(alt.layer(line, marks).properties(height=220), "Training and validation loss by step")
    st.caption("Line: training loss. ◆ validation loss.")


def draw_worth(path: Path) -> None:
    """What the validated weights are worth to those who color with them: adherence and ΔE00 by step, and the newest sheet of results."""
    judged = [row for row in rows_of(path) if "delta_e" in row]
    if not judged:
        return
    titles = {name: title for name, title in WORTH.items() if all(name in row for row in judged)}
    panels = [_validated(judged, name, title) for name, title in titles.items()]
    show(alt.hconcat(*panels), "What the weights are worth by step: " + ", ".join(titles.values()))
    sheets = sorted((path.parent / PICTURES).glob("*.webp"))
    if sheets:
        st.image(str(sheets[-1]), width=_width(sheets[-1]))
        st.caption(f"Validation photos as colored after step {int(sheets[-1].stem):,}, above the originals.")


def _width(sheet: Path) -> int:
    """How wide a sheet of two rows of square photos is shown, in pixels: few photos are not blown up to the width of the page."""
    with PIL.Image.open(sheet) as image:
        return round(2 * image.width / image.height) * PHOTO


def _validated(judged: list[dict], name: str, title: str) -> alt.Chart:
    points = [{"step": row["step"], "value": row[name]} for row in judged]
    y = alt.Y("value:Q", title=title, scale=alt.Scale(zero=False))
    line = alt.Chart(alt.Data(values=points)).mark_line(color="#1b1b1b", point=alt.OverlayMarkDef(color="#1b1b1b", filled=True))
    return line.encode(x=alt.X("step:Q", title="step"), y=y).properties(height=150, width=320)


def watch() -> None:
    """The training that is under way, live; the whole page is drawn again when it ends."""
    if run_progress.under_way(("retrain_checkpoint",)):
        _live()


@st.fragment(run_every=2)
def _live() -> None:
    present = run_progress.under_way(("retrain_checkpoint",))
    if not present:
        st.rerun()
    for run in present:
        run_progress.draw(run)
        path = growing_log(run)
        if path:
            draw_curve(path)
            draw_worth(path)
    if not any(run.started_at for run in present):
        st.caption(f"{wording.job('retrain_checkpoint')} begins when a worker with the model is free.")
