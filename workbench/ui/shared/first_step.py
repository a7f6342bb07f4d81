"""What a page offers that has nothing to show yet: the first step, done from here."""

from typing import Any

import streamlit as st

from db.enums import CaptionLevel
from workbench import images
from workbench.ui.app import context
from workbench.ui.shared import run_progress
from workbench.ui.shared.links import link

DEMO = "About 30 small pictures with captions, masks and colors"
BEING_MADE = "The demo is being made; it appears here as it grows."


def photos(says: str) -> None:
    """Where the store has no photo: import some, or make the demo."""
    st.info(says)
    run_progress.watch("make_demo", "import_images")
    with st.container(horizontal=True):
        link("library", "Import my own photos")
        make_demo(help=f"{DEMO}, in a few minutes")


def make_demo(*, primary: bool = False, **button: Any) -> None:
    """The button that makes the demo, with what else `st.button` is to be told; while it is being made, a sentence that says so."""
    if run_progress.under_way(("make_demo",)):
        st.caption(BEING_MADE)
    elif st.button("Make the demo", key="make-demo", type="primary" if primary else "secondary", **button):
        run_progress.start("make_demo", {}, BEING_MADE)
        st.rerun()


def has_photos() -> bool:
    """Whether the store has any photo."""
    with context.reading() as session:
        return images.count(session) > 0


def colorizations(says: str) -> None:
    """Where nothing has been colored: color what is described; where there is no photo either, begin with these."""
    if not has_photos():
        photos(f"{says} First it takes photos with captions.")
        return
    st.info(says)
    coloring = run_progress.watch("colorize_images")
    with st.container(horizontal=True):
        if not coloring and st.button("Color the described photos", key="first-colors", type="primary"):
            parameters = {"query": "", "levels": [level.value for level in CaptionLevel], "seeds": [0]}
            run_progress.start("colorize_images", parameters, "Coloring is queued; results appear here as they are made.")
            st.rerun()
        link("colorize", "Choose which and how")
