"""Colorize: pick images, levels, a checkpoint and seeds; watch the matrix fill; compare any two."""

from pathlib import PurePath
from typing import Any

import streamlit as st

from db.enums import CaptionLevel
from db.models import Checkpoint, Colorization
from workbench import captions, colorizations, images
from workbench.captions import CaptionView
from workbench.colorizations.asked_colors import palette_of, pins_in_words, pins_of
from workbench.reviews import measured
from workbench.ui.app import context
from workbench.ui.app.media_routes import full_url, thumb_url
from workbench.ui.components.color_chips import spans_of
from workbench.ui.components.compare import compare
from workbench.ui.components.matrix import Cell, Row, matrix
from workbench.ui.shared import coloring_options, first_step, image_walk, run_progress, wording
from workbench.ui.shared.entries import entered
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link

IMAGES = 8  # on one page of the matrix


def draw() -> None:
    """The page."""
    heading("colorize", "Colorize")
    search = image_walk.search_bar()
    known = coloring_options.known_checkpoints()
    if search is None:
        return
    query, number = search
    if not number:
        if query.strip():
            st.info("No image matches this search; clear the field to see all images.")
        else:
            first_step.photos("Photos with captions are colored here. Import some in the Library, or begin with the demo.")
        return
    _form(query, number, known)
    run_progress.watch("colorize_images")
    _results(query, number, known)


def _form(query: str, number: int, known: list[Checkpoint]) -> None:
    with st.form("colorize"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            levels = st.segmented_control(
                "Levels", list(CaptionLevel), selection_mode="multi", key=entered("coloring-levels", list(CaptionLevel)),
                format_func=wording.level, width="content",
            )  # fmt: skip
            with st.container(width=190):
                checkpoint = coloring_options.checkpoint(st, known)
            seeds = st.text_input(
                "Seeds",
                key=entered("coloring-seeds", "0"),
                help="Whole numbers: 0, 1, 2 or 0-3. Each seed gives one more result",
                width=130,
            )
            instances = st.toggle(
                "Use masks", key=entered("coloring-with-masks", True),
                help="Tell the model where in the photo each phrase belongs: its mask, else where the model finds it",
            )  # fmt: skip
            asked = st.form_submit_button(f"Colorize {wording.count(number, 'image')}", type="primary")
        with st.expander("More options: fixed colors, palette, speed, steps, guidance"):
            first, second = st.columns(2), st.columns(4)
            pins, palette = coloring_options.pins(first[0]), coloring_options.palette(first[1])
            preset = coloring_options.speed(second[0])
            expected = coloring_options.variety(second[1])
            steps = coloring_options.steps(second[2])
            guidance = coloring_options.guidance(second[3])
    if not asked:
        return
    with context.attempt():
        parameters: dict[str, Any] = {
            "query": query,
            "levels": [level.value for level in levels],
            "checkpoint": checkpoint,
            "seeds": coloring_options.parse_seeds(seeds),
        }
        parameters |= {"steps": steps, "guidance": guidance, "instances": instances, "preset": preset, "expected": expected}
        parameters |= {"pins": pins_of(pins), "palette": palette_of(palette)}
        run_progress.start(
            "colorize_images", parameters, f"Colorizing {wording.count(number, 'image')} is queued; results that exist already are kept."
        )
    st.rerun()


def _results(query: str, number: int, known: list[Checkpoint]) -> None:
    with context.reading() as session:
        shown = images.find(session, query, limit=IMAGES, after_id=st.session_state.get("colorize-after"))
        these = "id:" + ",".join(str(image.id) for image in shown)
        views = captions.views(session, captions.find(session, f"{these} status:accepted", limit=500)) if shown else []
        made = colorizations.find(session, query=these, limit=4000) if shown else []
    names = {checkpoint.id: checkpoint.name for checkpoint in known}
    columns = sorted({_column(row) for row in made})
    newest = {(row.caption_id, *_column(row)): row for row in made}
    order = {image.id: image for image in shown}
    views.sort(key=lambda view: (list(order).index(view.caption.image_id), list(CaptionLevel).index(view.caption.level)))
    rows, last = [], None
    for view in views:
        image = order[view.caption.image_id]
        cells = tuple(_cell(newest.get((view.caption.id, *column))) for column in columns)
        rows.append(_row(view, thumb_url(image.upright_key, "gray"), PurePath(image.file_name).name, image.id != last, cells))
        last = image.id
    titles = [" · ".join(filter(None, (names.get(checkpoint, "?"), f"seed {seed}", variant))) for checkpoint, variant, seed in columns]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_hint(bool(columns)), width="stretch")
        link("try_colors", "Try colors on one photo")
    picked = matrix(rows, titles or ["not colored yet"], key="colorize-matrix")
    _compare(picked, {row.id: row for row in made}, names)
    if len(shown) == IMAGES < number and st.button("Next images"):
        st.session_state["colorize-after"] = shown[-1].id
        st.rerun()


def _hint(has_results: bool) -> str:
    if has_results:
        return "Pick any two results to compare them."
    if run_progress.under_way(("colorize_images",)):
        return "The first results appear here in a moment."
    return "Nothing is colored yet: press Colorize."


def _column(row: Colorization) -> tuple[int, str, int]:
    """The column of a colorization: by checkpoint, by what steered its colors beside the caption, in words, and by seed."""
    without = "" if row.settings.get("instances", True) else "without masks"
    return row.checkpoint_id, " · ".join(filter(None, (without, pins_in_words(row.settings)))), row.seed


def _row(view: CaptionView, source: str, title: str, first: bool, cells: tuple[Cell | None, ...]) -> Row:
    glyph = wording.LEVEL_GLYPHS[view.caption.level]
    return Row(glyph, view.caption.text, tuple(spans_of(view.mentions)), source, title, first, cells)


def _cell(row: Colorization | None) -> Cell | None:
    if row is None:
        return None
    return Cell(row.id, thumb_url(row.media_key), f"adherence {wording.adherence(measured(row))} · {row.seconds:.1f} s")


def _compare(picked: list[int], made: dict[int, Colorization], names: dict[int, str]) -> None:
    """Keep the comparison open while results arrive behind it; closed, it stays closed until another pair is picked."""
    st.session_state["picked"] = picked
    if len(picked) == 2 and picked != st.session_state.get("compared"):
        _comparison([made[cell] for cell in picked], names)


def _close_comparison() -> None:
    st.session_state["compared"] = st.session_state["picked"]


@st.dialog("Compare", width="large", on_dismiss=_close_comparison)
def _comparison(sides: list[Colorization], names: dict[int, str]) -> None:
    labels = [f"{place} · {names.get(row.checkpoint_id, '')} seed {row.seed}" for place, row in enumerate(sides, 1)]
    left, right = ((full_url(row.media_key), label) for row, label in zip(sides, labels, strict=True))
    compare(left, right, key="colorize-compare")
    for label, row in zip(labels, sides, strict=True):
        st.caption(wording.plain(f"{label}: {row.caption_text} · adherence {wording.adherence(measured(row))}"))


draw()
