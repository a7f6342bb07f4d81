"""Access and navigation: which pages this visitor has, and the frame around the one on show."""

from pathlib import Path

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.ui import context
from workbench.ui.access import rater_token
from workbench.ui.style import FRAME_CSS

PAGES = Path(__file__).parent / "pages"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="#f7f7f7" stroke="#1b1b1b"'
    ' stroke-width="3"/><path d="M16 3a13 13 0 0 0 0 26z" fill="#1b1b1b"/></svg>'
)
"""Drawn here: Streamlit fetches its own icons from another server."""
SIDEBAR_PX = 200

SECTIONS = {
    "": [("home", "Home")],
    "Describe": [("library", "Library"), ("caption", "Caption"), ("ground", "Ground"), ("checks", "Checks"), ("edits", "Edits")],
    "Color": [("colorize", "Colorize"), ("studies", "Studies"), ("rate", "Rate"), ("review", "Review")],
    "Train": [("releases", "Releases"), ("checkpoints", "Checkpoints")],
    "Work": [("runs", "Runs"), ("settings", "Settings")],
}


def page(name: str, title: str = "") -> st.Page:
    """The page `name`: its file, title and address."""
    return st.Page(PAGES / f"{name}.py", title=title or name.capitalize(), url_path=name, default=name == "home")


def draw() -> None:
    """Draw the frame and run the page that was asked for."""
    st.set_page_config(page_title="L-CAD workbench", page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_PX)
    st.html(FRAME_CSS)
    if rater_token():
        _draw_rater_page()
        return
    chosen = st.navigation({section: [page(*entry) for entry in entries] for section, entries in SECTIONS.items()})
    _run(chosen)


def _draw_rater_page() -> None:
    """The rating page and nothing else: every other address ends in a refusal, with the navigation hidden."""
    rate = page("rate")
    others = [st.Page(_refuse, title="Rate", url_path=name) for entries in SECTIONS.values() for name, _ in entries if name != "rate"]
    _run(st.navigation([st.Page(_enter, title="Rate", default=True), rate, *others], position="hidden"))


def _enter() -> None:
    st.switch_page(PAGES / "rate.py", query_params={"token": rater_token()})


def _refuse() -> None:
    st.title("This page is not part of your invitation")
    st.write("Your link opens the rating page only.")
    st.page_link(PAGES / "rate.py", label="Go on rating", query_params={"token": rater_token()})


def _run(chosen: st.Page) -> None:
    context.draw_notices()
    try:
        chosen.run()
    except WorkbenchError as refusal:
        st.error(str(refusal))
