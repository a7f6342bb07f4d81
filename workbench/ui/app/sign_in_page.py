"""What the frame shows of signing in: the page that asks for it, the one for who has no role, and who one is at the foot of the sidebar."""

import streamlit as st

from workbench import access
from workbench.errors import WorkbenchError
from workbench.ui.app import context, sign_in


def may_enter() -> bool:
    """Whether the visitor may see the pages; where not, what to do stands there instead."""
    if not access.people_sign_in():
        return True
    try:
        sign_in.require_ready()
    except WorkbenchError as refusal:
        _ask(str(refusal), signed_in=False, ready=False)
        return False
    try:
        name = sign_in.visitor()
    except WorkbenchError as refusal:
        _ask(str(refusal), signed_in=bool(st.user.get("is_logged_in")))
        return False
    if name is None:
        _ask("Sign in to go on. If you were invited to rate, open your link: it needs no account.", signed_in=False)
    elif sign_in.role_now(name) is None:
        _ask(f"You are signed in as {name}, who has no role in this project yet: ask an admin for one.", signed_in=True)
    else:
        return True
    return False


def _ask(says: str, *, signed_in: bool, ready: bool = True) -> None:
    """What to do, with the button that does it; with none where signing in is not set up yet."""
    with st.container(horizontal_alignment="center"), st.container(border=True, width=520, key="door"):
        st.title("L-CAD workbench", anchor=False)
        st.caption("Describe photos, color them by their captions, and judge the results.")
        st.text(says)
        if signed_in:
            st.button("Sign out", on_click=st.logout)
        elif ready:
            st.button("Sign in", on_click=st.login, type="primary")


def draw_visitor() -> None:
    """Who is signed in, what they may do, and the way out."""
    who = context.visitor()
    if who is None or who.role is None:
        return
    with st.sidebar:
        st.text(f"{who.actor}, {who.role.value}", help=f"You may {access.MAY[who.role]}.")
        st.button("Sign out", on_click=st.logout, type="tertiary")
