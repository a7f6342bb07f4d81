"""Who may do what: the people with their roles, for admins to change and for everybody to see whom to ask."""

import streamlit as st

from db.enums import Role
from workbench import access
from workbench.ui.app import context

NONE = "no role"


def draw() -> None:
    """The people of a workbench where people sign in; where nobody does, nothing."""
    if not access.people_sign_in():
        return
    st.markdown("## People")
    with context.reading() as session:
        people = access.listing(session)
    if not context.may(Role.ADMIN):
        st.table([{"name": name, "role": role.value} for name, role in people.items()], hide_index=True, border="horizontal")
        return
    for name, role in people.items():
        _row(name, role)
    with st.form("grant", clear_on_submit=True, border=False):
        who, what, button = st.columns([3, 2, 1], vertical_alignment="bottom")
        name = who.text_input("E-mail", placeholder="name@example.org", help="The address that they sign in with.")
        role = what.selectbox("Role", access.ORDER, format_func=lambda one: one.value, help=_roles())
        if button.form_submit_button("Grant", width="stretch"):
            _give(name, role)


def _roles() -> str:
    return "  \n".join(f"**{role.value}**: may {what}" for role, what in access.MAY.items())


def _row(name: str, role: Role) -> None:
    who, what = st.columns([3, 3], vertical_alignment="center")
    who.text(name)
    if name in access.first_admins():
        what.caption(f"admin, by {access.ADMINS_VARIABLE}")
        return
    choices = [one.value for one in access.ORDER] + [NONE]
    key = f"role-{name}-{role.value}"
    chosen = what.selectbox(f"Role of {name}", choices, index=access.ORDER.index(role), key=key, label_visibility="collapsed")
    if chosen != role.value:
        _give(name, None if chosen == NONE else Role(chosen))


def _give(name: str, role: Role | None) -> None:
    with context.attempt(), context.transaction() as session:
        if role is None:
            access.revoke(session, name, actor=context.actor())
        else:
            access.grant(session, name, role, actor=context.actor())
        context.say(f"{access.named(name)}: {role.value if role else NONE}")
    st.rerun()
