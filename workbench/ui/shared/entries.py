"""What was entered in a page's fields, found there again after a visit to another page."""

import streamlit as st

__all__ = ["entered"]


def entered(key: str, first: object) -> str:
    """The key for a field that has not been drawn yet; it begins with `first`, later with what was entered last.

    Streamlit forgets what is entered in a field once a page is drawn without it.
    """
    if key not in st.session_state:
        st.session_state[key] = st.session_state.get(f"{key}-entered", first)
    st.session_state[f"{key}-entered"] = st.session_state[key]
    return key
