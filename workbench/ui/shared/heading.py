"""The head of every page: its name, what it is for in one sentence, and the way to its part of the guide."""

import streamlit as st

from workbench.ui import guide
from workbench.ui.shared import tour
from workbench.ui.shared.links import link


def heading(page: str, title: str) -> None:
    """Draw the head of the page `page`, below the stop of the tour where one is taken."""
    tour.draw(page)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="heading"):
        st.title(title, anchor=False, width="content")
        st.caption(guide.purpose(page), width="content")
        if page != "guide":
            link("guide", "How this page works", page=page)
