"""What an empty store offers: an own folder first, and the demo beside it."""

import streamlit as st

from workbench.ui.library import import_form
from workbench.ui.shared import first_step


def draw(says: str) -> None:
    """What the page says of the empty store, the import form, and the button of the demo."""
    st.info(says)
    own, demo = st.columns([2, 1], gap="large")
    with own, st.container(border=True):
        st.markdown("**Your own photos**")
        import_form.draw("first")
    with demo, st.container(border=True):
        st.markdown("**The demo**")
        st.caption("Photos and composed scenes with descriptions at three levels, masks and colorizations; made in a few minutes.")
        first_step.make_demo()
