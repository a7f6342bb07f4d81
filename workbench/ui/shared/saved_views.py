"""Saved views beside the search field: take one up, keep the present query under a name, forget one."""

import streamlit as st

from workbench.search import saved_views
from workbench.ui.app import address, context
from workbench.ui.shared import wording
from workbench.ui.shared.popovers import close, popover

POPOVER = "saved-searches"


def draw(query: str) -> None:
    """The views of the store, and a field to keep `query` as one."""
    with context.reading() as session:
        kept = saved_views.listing(session)
    current = next((view.name for view in kept if view.query == query), None)
    with popover(wording.plain(current) if current else "Saved searches", POPOVER, help="Searches that were kept under a name"):
        if not kept:
            st.caption("Searches that you come back to belong here. Search for something first, then save it.")
        for view in kept:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.button(
                    wording.plain(view.name), help=wording.plain(view.query), key=f"view-{view.id}", type="tertiary", width="stretch",
                    on_click=_show, args=(view.query,),
                )  # fmt: skip
                st.button("Delete", key=f"forget-{view.id}", type="tertiary", on_click=_forget, args=(view.name,))
        if query.strip():
            with st.form("save-view", border=False, clear_on_submit=True):
                name = st.text_input("Save this search as", placeholder="night shots without masks")
                if st.form_submit_button("Save") and name.strip():
                    _keep(name, query)
                    close(POPOVER)
                    st.rerun()


def _show(query: str) -> None:
    close(POPOVER)
    address.change(q=query, image=None)


def _keep(name: str, query: str) -> None:
    with context.attempt():
        with context.transaction() as session:
            saved_views.save(session, name, query, actor=context.actor())
        context.say(f"Kept as “{wording.plain(name.strip())}”.")


def _forget(name: str) -> None:
    with context.attempt():
        with context.transaction() as session:
            saved_views.remove(session, name, actor=context.actor())
        context.say(f"“{wording.plain(name)}” is deleted; the history still has it.")
