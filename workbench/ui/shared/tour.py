"""The tour: five short stops along the loop, each on the page where it happens, with the way to the next."""

from dataclasses import dataclass

import streamlit as st

from workbench import images
from workbench.ui.app import context
from workbench.ui.shared.links import go, link

DEMO = "source:demo"
PLACE = "tour-stop"
"""The stop on show, from 0; absent where no tour is taken."""


@dataclass(frozen=True)
class Stop:
    """One stop: the page, its name, what to look at there, and which images are shown; None where the page shows no images of a query."""

    page: str
    name: str
    says: str
    query: str | None

    @property
    def address(self) -> dict[str, str]:
        """What the page's address asks for: images that show it best, those of the demo first; nothing where there are none of them yet."""
        if self.query is None:
            return {}
        with context.reading() as session:
            searches = (f"{DEMO} {self.query}".strip(), self.query)
            return next(({"q": search} for search in searches if search and images.count(session, search)), {})


STOPS = (
    Stop(
        "caption", "Describe",
        "Every photo is described at three levels: ● with all colors, ◐ with some, ○ with none. Press 1, 2 or 3 to write, → to go on.",
        "",
    ),
    Stop(
        "ground", "Find the masks",
        "Each phrase of a caption belongs to a part of the photo. Choose a phrase at the right: its mask stays clear, the rest is dimmed.",
        "has:mask",
    ),
    Stop(
        "colorize", "Color",
        "The model sees the gray photo and one caption, and gives it colors. Click any two results to compare them.",
        "has:colorization",
    ),
    Stop(
        "review", "Judge",
        "Accept a result with A, or reject it with X and a reason. To ask many people, make a study on the Studies page.",
        None,
    ),
    Stop(
        "releases", "Release and train",
        "What was accepted is frozen into a release. On Checkpoints the model is trained with it, and colors again: the loop is closed.",
        None,
    ),
)  # fmt: skip


def offer() -> None:
    """The button that begins the tour."""
    if st.button("Take the tour", key="tour-begin", help="Five short stops along the work"):
        _go_to(0)


def draw(page: str) -> None:
    """The stop on show, above the page where it happens; a way back to it on any other page."""
    place = st.session_state.get(PLACE)
    if place is None:
        return
    stop = STOPS[place]
    with st.container(border=True, key="tour"), st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if page == stop.page:
            st.markdown(f"**{place + 1} of {len(STOPS)} · {stop.name}.** {stop.says}", width="stretch")
            if place and st.button("Back", key="tour-back"):
                _go_to(place - 1)
            if place + 1 < len(STOPS):
                if st.button(f"Next: {STOPS[place + 1].name}", key="tour-next", type="primary"):
                    _go_to(place + 1)
            elif st.button("Begin with my own photos", key="tour-own", type="primary"):
                _end()
                go("library")
        else:
            st.markdown(f"The tour waits at stop {place + 1}, {stop.name}.", width="stretch")
            link(stop.page, "Go back to it", **stop.address)
        st.button("End the tour", key="tour-end", type="tertiary", on_click=_end)


def _go_to(place: int) -> None:
    st.session_state[PLACE] = place
    go(STOPS[place].page, **STOPS[place].address)


def _end() -> None:
    st.session_state.pop(PLACE, None)
