"""Guide: how each page works, and the words used on the pages."""

import streamlit as st

from workbench.ui import guide
from workbench.ui.app.navigation import SECTIONS
from workbench.ui.shared import tour
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link

WORDS = {
    "caption": "what a person or a program says of a photo, at one of three levels: ● complete, ◐ partial, ○ scarce",
    "phrase": "the words of a caption that name one thing, such as “a red cup”",
    "mask": "the part of a photo that a phrase is about",
    "colorization": "one result of the model: a gray photo in colors",
    "seed": "a number that starts the model's chance; the same seed gives the same result again",
    "adherence": "the share of the colors named in a caption that are right in the result",
    "study": "people are asked which of several results is better",
    "agreement (α)": "how far people answer alike: 1 always, 0 no more than by chance",
    "release": "a version of photos, captions and colors that never changes",
    "checkpoint": "one trained version of the model",
    "run": "one piece of work that the computer does in the background",
    "worker": "the program that does the runs",
}


def draw() -> None:
    """The page: the part that was asked for, and the way to the others."""
    pages = [entry for entries in SECTIONS.values() for entry in entries if entry[0] != "guide"]
    names = dict(pages)
    asked = st.query_params.get("page", "home")
    heading("guide", "Guide")
    parts, text = st.columns([1, 4], gap="large")
    with parts:
        chosen = st.radio("Page", list(names), index=list(names).index(asked) if asked in names else 0, format_func=names.__getitem__)
    with text:
        st.markdown(f"## {names[chosen]}\n**{guide.purpose(chosen)}**\n\n{guide.body(chosen)}")
        with st.container(horizontal=True):
            link(chosen, f"Open {names[chosen]}")
            tour.offer()
        st.markdown("## The same on every page")
        st.markdown(
            "- **?** shows all keys of the page. **/** goes to the search field. **Z** undoes the last change made on the page.\n"
            "- What you do is saved at once. Everything can be undone, and the history of each thing is kept.\n"
            "- Long work goes on in the background; leave the page, and find it on **Runs**.\n"
            "- The menu at the top right changes between light and dark."
        )
        st.markdown("## Words")
        st.table([{"word": word, "means": means} for word, means in WORDS.items()], hide_index=True, border="horizontal")


draw()
