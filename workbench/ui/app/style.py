"""The frame's own rules of style, as an element to put on every page."""

from importlib.resources import files

import streamlit as st

_RULES = files("workbench.ui.app").joinpath("frame.css").read_text("utf-8")
_FOLLOW = """
<script>
// What floats above the page (popovers, menus) lies outside of the element that knows the theme: the whole document is told it.
if (!window.themeFollowed) {
  const app = document.querySelector("[data-testid=stApp]"), root = document.documentElement;
  const follow = () => (root.dataset.theme = root.style.colorScheme = getComputedStyle(app).colorScheme);
  window.themeFollowed = new MutationObserver(follow);
  window.themeFollowed.observe(app, { attributes: true, attributeFilter: ["class"] });
  follow();
}
</script>
"""


def draw() -> None:
    """Put the rules on the page."""
    st.html(f"<style>{_RULES}</style>")
    with st.container(key="quiet-parts"):
        st.html(_FOLLOW, unsafe_allow_javascript=True)
