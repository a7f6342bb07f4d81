"""Library: every image in a gallery, found by a query, chosen by mouse or keyboard, with an inspector and bulk actions."""

from pathlib import PurePath
from typing import Literal

import streamlit as st
from sqlalchemy.orm import Session

from db.models import Image
from workbench import captions, colorizations, images
from workbench.search import Count
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.caption import edit_batches
from workbench.ui.components.gallery import Tile, gallery
from workbench.ui.components.keys import keys
from workbench.ui.library import bulk_actions, empty_store, import_form, map_view
from workbench.ui.shared import image_inspector, image_walk, run_progress, wording
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import go
from workbench.ui.shared.popovers import popover

PAGE = 60
WATCHED = (
    "import_images", "make_demo", "compose_scenes", "thumbnails", "level_captions", "picture_features", "compare_images",
    "propose_captions", "ground_phrases",
)  # fmt: skip
KEYS = {"PageDown": "next page", "PageUp": "previous page", "z": "undo what was done last: deleted, credited, tagged"}
HINTS = {
    "click": "choose one; Ctrl adds, Shift extends",
    "a": "choose all on this page",
    "Esc": "choose none",
    "g": "hold to switch between gray and color",
    "Enter": "open on the Caption page",
}


def draw() -> None:
    """The page."""
    heading("library", "Library")
    field, face, add = st.columns([4.4, 1.5, 0.9])
    with field:
        search = image_walk.search_bar()
    with face:
        shown = st.segmented_control("Show", ["Gray", "Color", "Map"], default="Gray", required=True, label_visibility="collapsed")
    with add, popover("Import", import_form.POPOVER, width="stretch"):
        import_form.draw()
    run_progress.watch(*WATCHED, *edit_batches.JOBS)
    if search is None:
        return
    import_form.draw_outcome()
    query, number = search
    if not number:
        _say_empty(query)
        return
    focus = {"/": ('input[aria-label="Search"]', "search")}
    if keys(KEYS, key="library-keys", focus=focus, hints=HINTS, turns={"PageDown": _on, "PageUp": _back}) == "z":
        bulk_actions.undo()
        st.rerun()
    pictures, aside = st.columns([2.8, 1.4], gap="medium")
    with pictures:
        chosen = map_view.draw(query) if shown == "Map" else _page(query, number, "gray" if shown == "Gray" else "color")
    with aside:
        bulk_actions.draw(query, number, chosen)
        image_inspector.draw(chosen[-1] if chosen else None)


def _say_empty(query: str) -> None:
    if query.strip():
        st.info("No image matches this search; clear the field to see all images.")
        return
    empty_store.draw("Your photos belong here. Import your own, or start with the demo.")


def _page(query: str, number: Count, face: str) -> list[int]:
    """One page of the images that match, newest first; returns the chosen ones."""
    page_query, ends = st.session_state.get("library-page", (query, ()))
    ends = ends if page_query == query else ()  # the last image of each page before this one
    with context.reading() as session:
        page = images.find(session, query, after_id=ends[-1] if ends else None, limit=PAGE + 1, newest_first=True)
        marks = _marks(session, page[:PAGE])
    more, page = len(page) > PAGE, page[:PAGE]
    _say_where(query, number, ends, page, more)
    shown: Literal["color", "gray"] = "gray" if face == "gray" else "color"
    other: Literal["color", "gray"] = "color" if face == "gray" else "gray"
    tiles = [
        Tile(
            id=image.id,
            src=thumb_url(image.upright_key, shown),
            other=thumb_url(image.upright_key, other),
            title=image.file_name,
            marks=marks[image.id],
            note=PurePath(image.file_name).name,
        )
        for image in page
    ]
    chosen, opened = gallery(tiles, key="library-gallery", columns=5)
    if opened:
        go("caption", image=opened, q=query)
    return chosen


def _say_where(query: str, number: Count, ends: tuple[int, ...], page: list[Image], more: bool) -> None:
    """Say which part of how many is shown, and offer to go on or back where there is more."""
    st.session_state["library-ends"] = (query, ends, page[-1].id if more else None)
    if not page and ends:
        _back()
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        total = f"{wording.count(number, 'image')} {'match' if query.strip() else 'in the store'}"
        first = len(ends) * PAGE + 1
        st.caption(f"{total} · {first:,}–{first + len(page) - 1:,} shown" if ends or more else total)
        if ends or more:
            st.button("←", disabled=not ends, help="Previous page (PageUp)", key="page-back", on_click=_back)
            st.button("→", disabled=not more, help="Next page (PageDown)", key="page-on", on_click=_on)


def _on() -> None:
    query, ends, last = st.session_state["library-ends"]
    if last is not None:
        st.session_state["library-page"] = (query, (*ends, last))


def _back() -> None:
    query, ends, _last = st.session_state["library-ends"]
    st.session_state["library-page"] = (query, ends[:-1])


def _marks(session: Session, page: list[Image]) -> dict[int, str]:
    """The levels that each image is described at, and a square where it has colorizations."""
    if not page:
        return {}
    these = "id:" + ",".join(str(image.id) for image in page)
    described = captions.find(session, these, limit=50 * PAGE)
    colorized = {row.image_id for row in colorizations.find(session, query=these, limit=50 * PAGE)}
    by_image: dict[int, list[str]] = {image.id: [] for image in page}
    for caption in described:
        by_image[caption.image_id].append(caption.level)
    return {image: wording.levels(levels) + ("▪" if image in colorized else "") for image, levels in by_image.items()}


draw()
