"""Ways from page to page that keep the visit's state; pages name each other only here, by their address."""

from pathlib import Path

import streamlit as st

from workbench.ui.app import address

PAGES = Path(__file__).parents[1] / "pages"


def link(name: str, label: str, *, icon: str | None = None, **query: object) -> None:
    """A link to the page `name` with a query in its address."""
    st.page_link(PAGES / f"{name}.py", label=label, icon=icon, query_params=_address(query))


def go(name: str, **query: object) -> None:
    """Leave for the page `name` at once."""
    address.leave()
    st.switch_page(PAGES / f"{name}.py", query_params=_address(query))


def _address(query: dict[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in query.items() if value != ""}


def number_in_address(name: str) -> int | None:
    """The whole number under `name` in this page's address, if there is one."""
    value = st.query_params.get(name, "")
    return int(value) if value.isdecimal() else None
