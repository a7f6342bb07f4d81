"""Navigation: the pages, and the frame around the one on show. Raters have a page of their own (`rating`) and see none of these."""

from pathlib import Path

import streamlit as st

from workbench.errors import WorkbenchError
from workbench.ui.app import address, context, sign_in_page, style
from workbench.ui.components import keys, undisturbed

PAGES = Path(__file__).parents[1] / "pages"
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="#f7f7f7" stroke="#1b1b1b"'
    ' stroke-width="3"/><path d="M16 3a13 13 0 0 0 0 26z" fill="#1b1b1b"/></svg>'
)
"""Drawn here: Streamlit fetches its own icons from another server."""
SIDEBAR_PX = 200
ABOUT = "L-CAD workbench: describe, ground, colorize, rate, review, release, train."
"""With an entry of ours the menu at the top right is shown; light and dark are chosen in it."""

SECTIONS = {
    "": [("home", "Home"), ("guide", "Guide")],
    "Describe": [("library", "Library"), ("caption", "Caption"), ("ground", "Ground"), ("checks", "Checks"), ("edits", "Edits")],
    "Color": [("colorize", "Colorize"), ("try_colors", "Try colors"), ("studies", "Studies"), ("rate", "Rate"), ("review", "Review")],
    "Train": [("releases", "Releases"), ("checkpoints", "Checkpoints")],
    "Work": [("runs", "Runs"), ("settings", "Settings")],
}


def page(name: str, title: str = "") -> st.Page:
    """The page `name`: its file, title and address."""
    return st.Page(PAGES / f"{name}.py", title=title or name.capitalize(), url_path=name, default=name == "home")


def draw() -> None:
    """Draw the frame and run the page that was asked for."""
    st.set_page_config(
        page_title="L-CAD workbench", page_icon=ICON, layout="wide", initial_sidebar_state=SIDEBAR_PX, menu_items={"About": ABOUT}
    )
    style.draw()
    if not sign_in_page.may_enter():
        return
    chosen = st.navigation({section: [page(*entry) for entry in entries] for section, entries in SECTIONS.items()}, expanded=True)
    sign_in_page.draw_visitor()
    _run(chosen)


def _run(chosen: st.Page) -> None:
    context.draw_notices()
    try:
        address.enter(chosen.url_path or "home")
        chosen.run()
        keys.end_page(chosen.url_path or "home")
    except WorkbenchError as refusal:
        st.error(str(refusal))
    finally:
        undisturbed.end()
