"""What a page needs of the store: settings, engines and media, and the only transactions outside jobs."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import Role
from db.session import Engines
from db.session import transaction as open_transaction
from workbench import access
from workbench.access import Access
from workbench.errors import NotAllowedError, WorkbenchError
from workbench.open_store import media_of, shared_store
from workbench.settings import Settings, read_settings
from workbench.store import MediaStore
from workbench.ui.app import sign_in


def settings() -> Settings:
    """The settings of this process."""
    return read_settings()


def engines() -> Engines:
    """The store's engines, its schema brought up to date once a process."""
    return shared_store(settings()).engines


def media() -> MediaStore:
    """The store's files."""
    return media_of(settings())


def visitor() -> Access | None:
    """Who looks at this page and with what role, where people sign in; None where nobody does. Raises NotAllowedError for a stranger."""
    if not access.people_sign_in():
        return None
    name = sign_in.visitor()
    if name is None:
        raise NotAllowedError("Sign in to go on.")
    return Access(name, sign_in.role_now(name))


def may(role: Role) -> bool:
    """Whether the visitor's role is at least this one; always so where nobody signs in."""
    who = visitor()
    return who is None or access.is_enough(who.role, role)


def actor() -> str:
    """The name under which this visitor's changes are recorded: who signed in, else the machine's user."""
    who = visitor()
    if who is not None:
        return who.actor
    if st.user.get("is_logged_in"):
        return str(st.user.get("email") or st.user.get("name") or settings().actor)
    return settings().actor


@contextmanager
def reading() -> Iterator[Session]:
    """A session for looking: never blocks a writer, and everything read stays usable after it."""
    with open_transaction(engines().reader) as session:
        _as_visitor(session)
        yield session


@contextmanager
def transaction() -> Iterator[Session]:
    """A session for changing, in the visitor's name and with their role: committed at the end, rolled back by any exception."""
    with open_transaction(engines().writer) as session:
        _as_visitor(session)
        yield session


def _as_visitor(session: Session) -> None:
    """Let the session act for who signed in, with the role that they have at this moment."""
    if access.people_sign_in():
        name = sign_in.visitor()
        if name is None:
            raise NotAllowedError("Sign in to go on.")
        access.act_as(session, Access(name, access.role_of(session, name)))


@contextmanager
def attempt() -> Iterator[None]:
    """Turn a refused action into a sentence at the top of the page instead of an end of it."""
    try:
        yield
    except WorkbenchError as refusal:
        say_no(str(refusal))


def say(sentence: str) -> None:
    """Note a good outcome, shown once as a passing message on the next draw."""
    st.session_state.setdefault("said", []).append(sentence)


def say_no(sentence: str) -> None:
    """Note a refusal, shown once at the top of the page on the next draw."""
    st.session_state.setdefault("refused", []).append(sentence)


def draw_notices() -> None:
    """Show what has been noted since the last draw."""
    for sentence in st.session_state.pop("said", []):
        st.toast(sentence)
    for sentence in st.session_state.pop("refused", []):
        st.error(sentence)
