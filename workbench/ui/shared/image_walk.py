"""Walking through images one by one: the search, the list of images as it was when the walk began, and the place in it."""

import time
from array import array
from bisect import bisect_left
from dataclasses import dataclass, replace

import streamlit as st
from sqlalchemy.orm import Session

from db.models import Image
from workbench import images
from workbench.errors import WorkbenchError
from workbench.search import Count
from workbench.ui.app import address, context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.shared import first_step, query_guide, saved_views, wording
from workbench.ui.shared.heading import heading

HINT = "Search: words, or level:partial color:red has:mask NOT reviewed"
FIELD, FILLED = "search", "search-filled"
"""The field, and the query of the address that it was filled with last."""


@dataclass(frozen=True)
class Walk:
    """The images of a query as they were when the walk began: describing one does not take it from the list that is being walked."""

    query: str
    ids: "array[int]"
    """In ascending order."""
    matched: int
    """How many images matched when the walk began."""
    began: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class Place:
    """Where a visitor stands: the image on show and its neighbors in the walk."""

    walk: Walk
    image: Image
    index: int
    """The image's place in the walk, from 0."""
    matching: Count | None = None
    """How many images match by now, where that was counted."""

    @property
    def query(self) -> str:
        """The query of the walk."""
        return self.walk.query

    @property
    def number(self) -> int:
        """How many images the walk has."""
        return len(self.walk.ids)

    def neighbor(self, steps: int) -> int | None:
        """The id of the image so many steps on (or, negative, back); None beyond the ends."""
        index = self.index + steps
        return self.walk.ids[index] if 0 <= index < self.number else None


def search_bar(count: bool = True) -> tuple[str, Count] | None:
    """The query field, kept in the page's address; returns the query and how many images match, None where it cannot be read."""
    query = address.query()
    # One field for good, filled from the address: links from other pages set that.
    if st.session_state.get(FILLED) != query or FIELD not in st.session_state:
        st.session_state[FIELD] = st.session_state[FILLED] = query
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input("Search", key=FIELD, placeholder=HINT, label_visibility="collapsed", type="search", on_change=_search)
        saved_views.draw(query)
        query_guide.draw()
    query_guide.complete("Search")
    query_guide.say_notes(query)
    try:
        with context.reading() as session:
            return query, images.count(session, query) if count else Count(0)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return None


def _search() -> None:
    query = st.session_state[FIELD] or ""
    st.session_state[FILLED] = query if query.strip() else ""
    address.change(q=st.session_state[FILLED], image=None)


def place(title: str, empty: str, *, arrows: bool = True) -> Place | None:
    """Draw the header of a page that shows one image at a time; None (with a sentence on the page) where there is none to show.

    Without `arrows` the page draws the position and the ways to the neighbors itself.
    """
    heading(title.lower(), title)
    field, buttons = st.columns([4, 1.6], vertical_alignment="center") if arrows else (st.container(), st.container())
    with field:
        searched = search_bar()
    if searched is None:
        return None
    query, number = searched
    here = stand(title, query)
    if here is None:
        _say_nothing_here(query, empty)
        return None
    if arrows:
        with buttons, st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
            st.caption(f"{here.index + 1:,} of {wording.count(here.number, 'image')}")
            for label, steps, words in (("←", -1, "Previous image (←)"), ("→", 1, "Next image (→)")):
                disabled = here.neighbor(steps) is None
                st.button(label, disabled=disabled, help=words, key=f"walk{steps}", on_click=_turn, args=(steps,))
        _preload(here)
    here = st.session_state["standing"] = replace(here, matching=number)
    return here


def stand(title: str, query: str) -> Place | None:
    """The place in the walk of a page; None where the walk is empty.

    A walk begins where the address names no image, and goes on while it names one; an image that is asked for and does not match joins it.
    """
    key, image_id = f"walk-{title}", address.image()
    walk: Walk | None = st.session_state.get(key)
    with context.reading() as session:
        if walk is None or walk.query != query or image_id is None:
            walk = _begin(session, query)
        image = session.get(Image, image_id) if image_id is not None else None
        while image is None and walk.ids:
            image = session.get(Image, walk.ids[0])
            if image is None:  # deleted meanwhile
                walk = _without_first(walk)
        if image is None:
            return None
    walk = st.session_state[key] = _with(walk, image.id)
    address.change(image=image.id)
    return Place(walk, image, bisect_left(walk.ids, image.id))


def _begin(session: Session, query: str) -> Walk:
    ids = images.id_array(session, query)
    return Walk(query, ids, len(ids), time.time())


def _with(walk: Walk, image_id: int) -> Walk:
    index = bisect_left(walk.ids, image_id)
    if index < len(walk.ids) and walk.ids[index] == image_id:
        return walk
    return Walk(walk.query, walk.ids[:index] + array("q", [image_id]) + walk.ids[index:], walk.matched, walk.began)


def _without_first(walk: Walk) -> Walk:
    return Walk(walk.query, walk.ids[1:], walk.matched, walk.began)


def say_what_changed(here: Place) -> None:
    """A notice where other images match by now than when the walk began, with the way to begin anew; below what is being worked on."""
    walk, number = here.walk, here.matching
    if number is None or number == walk.matched or number.more:
        return
    change = "fewer" if number < walk.matched else "more"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        moment = time.strftime("%H:%M", time.localtime(walk.began))
        st.caption(
            f"This list stays as it was at {moment} with {wording.count(walk.matched, 'image')}; "
            f"by now {number:,} match, {abs(walk.matched - number):,} {change}."
        )
        st.button("Refresh the list", key="walk-again", type="tertiary", on_click=_forget_place)


def _forget_place() -> None:
    address.change(image=None)


def go_to(title: str, image_id: int) -> None:
    """Stand on an image of the page's walk; an image that is not in it is not gone to."""
    walk: Walk | None = st.session_state.get(f"walk-{title}")
    if walk is not None:
        index = bisect_left(walk.ids, image_id)
        if index < len(walk.ids) and walk.ids[index] == image_id:
            address.change(image=image_id)


def _turn(steps: int) -> None:
    """Go some steps from where the address stands: of several keys in one draw each counts from where the one before it led."""
    here: Place = st.session_state["standing"]
    present = bisect_left(here.walk.ids, address.image() or here.image.id)
    if 0 <= present + steps < here.number:
        address.change(image=here.walk.ids[present + steps])


TURNS = {"ArrowLeft": lambda: _turn(-1), "ArrowRight": lambda: _turn(1)}
"""The keys that walk, for `keys`."""


def _preload(here: Place) -> None:
    """Let the browser fetch the next image's picture while this one is looked at."""
    target = here.neighbor(1)
    if target is not None:
        with context.reading() as session:
            image = session.get(Image, target)
        if image is not None:
            st.html(f'<img src="{thumb_url(image.upright_key, "color", 1024)}" alt="" style="display:none">')


def _say_nothing_here(query: str, empty: str) -> None:
    if query.strip():
        st.info("No image matches this search; clear the field to see all images.")
    else:
        first_step.photos(empty)
