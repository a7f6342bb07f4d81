"""Deeds: what a person did in a component, each with an id that the browser sends until it is answered, and each carried out once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from sqlalchemy.orm import Session

from workbench.errors import WorkbenchError
from workbench.ui.app import context

Deed = Mapping[str, Any]

REMEMBERED = 5_000
"""Answers that a server remembers, so that a reload or a second tab that sends a deed again does not repeat it."""


@dataclass
class _Answered:
    """The answers of this process to the deeds of one store: a sentence where one was refused, else None."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    answers: OrderedDict[str, str | None] = field(default_factory=OrderedDict)


@st.cache_resource(show_spinner=False, max_entries=8)
def _answered(_url: str) -> _Answered:
    return _Answered()


def carry_out(component: str, deeds: Iterable[Deed], do: Callable[[Session, Deed], None]) -> None:
    """Do each deed in a transaction of its own, unless it was done before, and note the answers for the component to be told.

    A deed that breaks a rule (WorkbenchError) is refused with the rule's sentence; those after it are still done.
    """
    known = _answered(context.settings().database_url)
    told: dict[str, str | None] = {}
    for deed in deeds:
        with known.lock:
            if deed["id"] not in known.answers:
                known.answers[deed["id"]] = _answer(deed, do)
            told[deed["id"]] = known.answers[deed["id"]]
            while len(known.answers) > REMEMBERED:
                known.answers.popitem(last=False)
    st.session_state[f"answers-{component}"] = told


def _answer(deed: Deed, do: Callable[[Session, Deed], None]) -> str | None:
    try:
        with context.transaction() as session:
            do(session, deed)
    except WorkbenchError as refusal:
        return str(refusal)
    return None


def answers(component: str) -> dict[str, Any]:
    """What the component is to be told of the deeds it sent last: `done`, ids, and `refused`, sentences by id."""
    told: dict[str, str | None] = st.session_state.get(f"answers-{component}", {})
    return {
        "done": [deed for deed, why in told.items() if why is None],
        "refused": {deed: why for deed, why in told.items() if why is not None},
    }
