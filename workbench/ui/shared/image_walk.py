"""Walking through images one by one: the search, the image on show, and the ones before and after it."""

from dataclasses import dataclass

import streamlit as st
from sqlalchemy.orm import Session

from db.models import Image
from workbench import images
from workbench.errors import WorkbenchError
from workbench.search import Count
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.shared import saved_views, wording
from workbench.ui.shared.links import asked, link

HINT = "level:partial color:red has:mask NOT reviewed"


@dataclass(frozen=True)
class Place:
    """Where a visitor stands: the image on show and its neighbors in the query's order."""

    query: str
    image: Image
    previous: int | None
    next: int | None
    position: int
    """The image's place in that order, from 1."""
    number: int
    """How many images match."""


def search_bar(count: bool = True) -> tuple[str, Count] | None:
    """The query field, kept in the page's address; returns the query and how many images match, None where it cannot be read."""
    query = st.query_params.get("q", "")
    # A field for each query: links from other pages set the address, which a field bound to it would not allow.
    key = f"search-{query}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text_input(
            "Search", query, key=key, placeholder=HINT, label_visibility="collapsed", type="search", on_change=_search, args=(key,)
        )  # fmt: skip
        saved_views.draw(query)
    try:
        with context.reading() as session:
            return query, images.count(session, query) if count else Count(0)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return None


def _search(key: str) -> None:
    st.query_params.pop("image", None)
    st.query_params["q"] = st.session_state[key] or ""
    if not st.query_params["q"].strip():
        st.query_params.pop("q")


def place(title: str, empty: str) -> Place | None:
    """Draw the header of a page that shows one image at a time; None (with a sentence on the page) where there is none to show."""
    heading, field, buttons = st.columns([1.2, 4, 2.4], vertical_alignment="center")
    heading.title(title)
    with field:
        found = search_bar()
    if found is None:
        return None
    query, number = found
    with context.reading() as session:
        standing = _standing(session, query, number)
    if standing is None:
        _say_nothing_here(query, empty)
        return None
    with buttons, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.caption(f"{standing.position:,} of {wording.count(number, 'image')}")
        if st.button("←", disabled=standing.previous is None, help="Previous image (←)", key="walk-back"):
            step(standing, back=True)
        if st.button("→", disabled=standing.next is None, help="Next image (→)", key="walk-on"):
            step(standing, back=False)
    _preload(standing)
    st.session_state["walk"] = standing
    return standing


def _standing(session: Session, query: str, number: int) -> Place | None:
    wanted = asked("image")
    matching = images.find(session, _within(query, f"id:{wanted}"), limit=1) if wanted else []
    matching = matching or images.find(session, query, limit=1)
    if not matching:
        return None
    image = matching[0]
    after = images.find(session, query, after_id=image.id, limit=1)
    before = images.find(session, query, after_id=image.id, limit=1, newest_first=True)
    # From the nearer end where there is one: the first and the last image need no counting.
    position = 1 if not before else number if not after else images.count(session, _within(query, f"id:<={image.id}"))
    return Place(query, image, before[0].id if before else None, after[0].id if after else None, position, number)


def _within(query: str, term: str) -> str:
    return f"({query}) {term}" if query.strip() else term


def step(standing: Place, *, back: bool) -> None:
    """Go to the neighbor; at the end, stay."""
    if _set_out(standing, back):
        st.rerun()


def _set_out(standing: Place, back: bool) -> bool:
    target = standing.previous if back else standing.next
    if target is not None:
        st.query_params["image"] = str(target)
    return target is not None


TURNS = {"ArrowLeft": lambda: _set_out(st.session_state["walk"], True), "ArrowRight": lambda: _set_out(st.session_state["walk"], False)}
"""The keys that walk, for `keys`."""


def _preload(standing: Place) -> None:
    """Let the browser fetch the next image's picture while this one is looked at."""
    if standing.next is not None:
        with context.reading() as session:
            key = images.get(session, standing.next).upright_key
        st.html(f'<img src="{thumb_url(key, "color", 1024)}" alt="" style="display:none">')


def _say_nothing_here(query: str, empty: str) -> None:
    if query.strip():
        st.info("No image matches this query; clear the field to see all of them.")
    else:
        st.info(empty)
        link("library", "Import images in the Library")
