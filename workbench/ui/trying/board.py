"""The board of a try: its results as they come, pins that are set and taken off in it, and cells that are kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from db.enums import CaptionLevel, RunStatus
from db.models import Run
from workbench import runs, tries
from workbench.errors import ConflictError
from workbench.imaging import code_of, color_codes, masks, require_color
from workbench.imaging.color_names import BASIC_TERMS
from workbench.imaging.mask_editing import Correction, corrected
from workbench.ui.app import context
from workbench.ui.app.media_routes import full_url
from workbench.ui.components import try_board
from workbench.ui.components.try_board import PhraseView, PinView, RowView
from workbench.ui.shared import deeds, run_progress, wording
from workbench.ui.trying import asking
from workbench.ui.trying.photo import Photo

COMPONENT = "try-board"
POLL_SECONDS = 0.4


def draw(photo: Photo, captions: Mapping[str, str], inputs: str, run_id: int, seeds: list[int]) -> None:
    """The board; while the try is at work it is drawn again as results come, and nothing else of the page is."""
    under_way = asking.run_of(run_id).status not in runs.ENDED
    st.fragment(_draw, run_every=POLL_SECONDS if under_way else None)(photo, dict(captions), inputs, run_id, seeds)


def _draw(photo: Photo, captions: dict[str, str], inputs: str, run_id: int, seeds: list[int]) -> None:
    if st.session_state.pop("try-again", False):
        st.rerun()
    held = st.session_state.get(asking.TRY)
    if held is None or held[0] != inputs:
        return
    run = asking.run_of(run_id)
    st.session_state["try-photo"] = photo
    typed = st.session_state["try-caption"] = next(iter(captions.values()))
    try_board.try_board(
        photo.gray, photo.size, typed, key=COMPONENT, inputs=inputs, phrases=_phrases(run), pins=_pins(typed),
        rows=[_row(run, level, text, seeds) for level, text in captions.items()], seeds=seeds, state=_state(run),
        colors=[*BASIC_TERMS, *sorted(color_codes())], on_deeds=_hear, **deeds.answers(COMPONENT),
    )  # fmt: skip
    if run.status is RunStatus.QUEUED:
        run_progress.say_when_nobody_works()
    if run.status in runs.ENDED and st.session_state.get("try-ended") != run_id:
        st.session_state["try-ended"] = run_id
        st.rerun()


def _state(run: Run) -> str:
    if run.status is RunStatus.QUEUED:
        return "Waiting for a worker"
    if run.status is RunStatus.FAILED:
        return run.message
    if run.status is RunStatus.RUNNING:
        return f"{len(tries.results(run))} of {len(tries.cells_of(run.parameters))} ready"
    seconds = (run.finished_at - run.created_at).total_seconds() if run.finished_at else 0
    return f"{wording.count(len(tries.results(run)), 'colorization')} in {seconds:.1f} s"


def _phrases(run: Run) -> list[PhraseView]:
    return [
        PhraseView(one["start"], one["end"], full_url(one["heat"]), full_url(one["mask"]), one["found"], one["exact"] or "")
        for one in run.summary.get("phrases", [])
    ]


def _pins(caption: str) -> list[PinView]:
    views = []
    for pin in st.session_state.get(asking.PINS, []):
        thing = pin.get("thing")
        label = "stroke" if thing is None else thing if thing in caption.lower() else f"{thing} (not in this caption)"
        views.append(PinView(label, pin["color"], code_of(pin["color"]) or "", pin.get("polygons", ())))
    return views


def _row(run: Run, level: str, text: str, seeds: list[int]) -> RowView:
    cells_by_name, kept = tries.results(run), st.session_state.get("try-kept", {})
    cells = []
    for seed in seeds:
        name = f"{level}:{seed}"
        cell = cells_by_name.get(name)
        note = {} if cell is None else {"src": full_url(cell["key"]), "note": f"seed {seed} · {cell['seconds']:.1f} s"}
        cells.append(None if cell is None else note | {"kept": name in kept})
    return RowView(level, wording.LEVEL_GLYPHS[CaptionLevel(level)], text, tuple(cells))


def _hear(done: Sequence[deeds.Deed]) -> None:
    deeds.carry_out(COMPONENT, done, _do)
    st.session_state["try-again"] = True


def _do(session: Any, deed: deeds.Deed) -> None:
    """Do one deed; one that was begun on other inputs than are on show is refused."""
    held = st.session_state.get(asking.TRY)
    if held is None or held[0] != deed["inputs"]:
        raise ConflictError("The page has gone on to another try meanwhile; nothing was changed.")
    if deed["kind"] == "pin":
        _pin(deed)
    elif deed["kind"] == "unpin":
        pins = st.session_state.get(asking.PINS, [])
        st.session_state[asking.PINS] = [pin for number, pin in enumerate(pins) if number != deed["number"]]
    else:
        _keep(session, held[1], deed["cells"])


def _pin(deed: deeds.Deed) -> None:
    photo: Photo = st.session_state["try-photo"]
    color, pins = require_color(deed["color"]), st.session_state.get(asking.PINS, [])
    if "span" in deed:
        start, end = deed["span"]
        thing = st.session_state["try-caption"][start:end].lower()
        st.session_state[asking.PINS] = [*(pin for pin in pins if pin.get("thing") != thing), {"thing": thing, "color": color}]
    else:
        polygons = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in deed["polygons"])
        mask = corrected(photo.rgb, np.zeros(photo.rgb.shape[:2], bool), Correction("paint", polygons=polygons))
        if not mask.any():
            raise ConflictError("The stroke covers no pixel; draw it on the picture.")
        st.session_state[asking.PINS] = [*pins, {"stroke": masks.encode(mask), "color": color, "polygons": deed["polygons"]}]


def _keep(session: Any, run_id: int, cells: list[str]) -> None:
    photo: Photo = st.session_state["try-photo"]
    kept = tries.keep(session, context.media(), run_id, cells, photo=photo.prepared, whole=photo.whole, actor=context.actor())
    st.session_state["try-kept"] = st.session_state.get("try-kept", {}) | dict.fromkeys(cells, kept.batch_id)
    st.session_state["try-image"] = kept.image.id
    if kept.run is not None:
        context.say("Kept; its colorization at full size is queued.")
